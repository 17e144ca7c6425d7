"""What could keep mail from arriving, looked at before it does: settings, relay, DNS, public pages, this machine.

Facts are gathered at the edges (`gathering`, `resolver`, `endpoint`, `machine`); what they mean is decided in functions of
values, each of which yields findings.
"""
