"""The formats of files, one module each."""

from publisher.audience.importing.columns import Format
from publisher.audience.importing.formats.buttondown import BUTTONDOWN
from publisher.audience.importing.formats.ghost import GHOST
from publisher.audience.importing.formats.listmonk import LISTMONK
from publisher.audience.importing.formats.mailchimp import MAILCHIMP
from publisher.audience.importing.formats.own import OWN
from publisher.audience.importing.formats.substack import SUBSTACK

#: The first that recognises a file has it; ours, which takes any file with addresses, comes last.
FORMATS: tuple[Format, ...] = (MAILCHIMP, SUBSTACK, GHOST, LISTMONK, BUTTONDOWN, OWN)
