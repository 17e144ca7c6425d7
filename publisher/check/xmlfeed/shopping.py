"""Goods and adverts in feeds, as Google Base read them (http://base.google.com/ns/1.0)."""

import re
from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.xmlfeed.dates import iso8601, iso8601_day
from publisher.check.xmlfeed.grammar import Element, Setting, Table, called, each, plain, text
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import (
    Fault,
    Kind,
    choice,
    country,
    percentage,
    positive,
    quantity,
    true_false_folded,
    uri,
    whole,
)

_MOST = 10
_GROUP = {"rdf:parseType": ()}


def _parts(*numbers: int) -> Kind:
    """Make a kind for places, whose parts have commas between."""

    def kind(value: str) -> Iterator[Fault]:
        parts = [part.strip() for part in value.split(",")]
        if len(parts) not in numbers or (len(parts) == 5 and not all(parts)):
            yield Fault("value.place")

    return kind


def _pattern(pattern: str, rule: str, wanted: str = "") -> Kind:
    form = re.compile(pattern, re.ASCII)

    def kind(value: str) -> Iterator[Fault]:
        if not form.match(value):
            yield Fault(rule, wanted)

    return kind


def too_many(item: Node, setting: Setting) -> Iterator[Hit]:
    """Yield what an item has more often than Google Base took: no element knows its siblings."""
    for name in ("g:image_link", "g:label"):
        if len(found := item.all(name)) > _MOST:
            yield Hit(
                f"{setting.format}.element.duplicate", f"{called(item)} has {name} ten times and", *found[10].place
            )


_amount = text(_pattern(r"\d", "value.number", "a number, a unit may follow"))
_range = Element({**each("g: start end", text(iso8601))}, attributes=_GROUP)
_currency = _pattern(r"[A-Z]{3}$", "value.currency")
_year = _pattern(r"(?:19|2\d)\d\d$", "value.number", "a year of four digits")
_mileage = _pattern(r"[\d,]+(?: |$)", "value.number", "a whole number, a unit may follow")
_service = choice("FedEx", "UPS", "DHL", "Mail", "Other", "Overnight", "Standard")
_price = text(quantity)

SHOPPING: Table = {
    **each(
        "g: actor agent area apparel_type artist author brand color condition course course_number course_times cuisine "
        "delivery_notes education employer ethnicity format id immigration_status interested_in isbn job_function "
        "job_industry job_type main_ingredient make manufacturer manufacturer_id meal_type model model_number "
        "name_of_item_being_reviewed news_source occupation payment_notes product_type property_type publication_name "
        "publication_volume review_type school_district service_type sexual_orientation size subject subject_area tax_region "
        "university upc vehicle_type vin",
        plain(),
    ),
    **each("g: age bathrooms bedrooms quantity", text(whole)),
    "g:pages": text(positive),
    **each(
        "g: calories cholesterol cooking_time fiber hoa_dues salary saturated_fat servings sodium total_carbs total_fat",
        _amount,
    ),
    **each("g: delivery_radius megapixels memory preparation_time price processor_speed protein weight", _price),
    **each("g: course_date_range event_date_range travel_date_range", _range),
    **each("g: expiration_date publish_date", text(iso8601_day)),
    "g:expiration_date_time": text(iso8601),
    "g:currency": text(_currency),
    **each("g: from_location to_location", text(_parts(2, 3))),
    "g:location": text(_parts(5)),
    "g:gender": text(choice("Male", "M", "Female", "F")),
    "g:image_link": text(uri, many=True),
    "g:label": text(_parts(1), many=True),
    **each("g: listing_type pickup", text(true_false_folded)),
    "g:marital_status": text(choice("single", "divorced", "separated", "widowed", "married", "in relationship")),
    "g:mileage": text(_mileage),
    "g:payment_accepted": text(
        choice("Cash", "Check", "Visa", "MasterCard", "AmericanExpress", "Discover", "WireTransfer"), many=True
    ),
    **each("g: price_type salary_type", text(choice("negotiable", "starting"))),
    "g:rating": text(choice("1", "2", "3", "4", "5")),
    "g:reviewer_type": text(choice("editorial", "user")),
    "g:shipping": Element(
        {"g:service": text(_service), "g:country": text(country), "g:price": _price}, attributes=_GROUP
    ),
    "g:tax_percent": text(percentage),
    "g:url_of_item_being_reviewed": text(uri),
    "g:year": text(_year),
}
