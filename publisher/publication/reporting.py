"""The page that tells how an issue went, in its bundle's folder."""

from collections.abc import Iterator
from pathlib import Path

from publisher.config.settings import Settings
from publisher.delivery.history import issues
from publisher.delivery.report import REPORT, Account, account_of, report_page
from publisher.files import put
from publisher.newsletter.issue import newsletter_title
from publisher.publication.folders import TEMPLATES_FOLDER
from publisher.store import Store
from publisher.templating import Templates


def accounts(store: Store, name: str) -> Iterator[Account]:
    """Yield what the page of an issue tells; nothing where the ledger does not know it.

    Args:
        store: the database.
        name: such as `weekly/2026-W48`.
    """
    newsletter, _, key = name.partition("/")
    with store.reading() as connection:
        yield from [account_of(connection, record) for record in issues(connection, newsletter=newsletter, key=key)]


def write_report(folder: Path, settings: Settings, account: Account) -> None:
    """Write the page of an issue's report into its bundle's folder, unless that is gone.

    Args:
        folder: the publication's; its templates in `report/` go before those of the program.
        settings: the publication's.
        account: what the page tells.

    Raises:
        BrokenTemplateError: a template of the publication has a mistake.
        SurroundingsError: the disk refuses.
    """
    issue = account.issue
    own = next((one for one in settings.newsletters if one.name == issue.newsletter), None)
    title = newsletter_title(own, settings.publication) if own else issue.newsletter
    language = (own.language if own else None) or settings.publication.language
    if (folder / issue.bundle).is_dir():
        page = report_page(account, title, language, settings.zone, Templates(folder / TEMPLATES_FOLDER))
        put(folder / issue.bundle / REPORT, page.encode())
