"""What the author sees before anybody else does: the feeds and the next issue of each newsletter, anew at each save.

Articles are strangers here, too. What they become is shown in frames that run no script, and nobody but this machine's
browser, asking for this very host, is given anything. Nothing is written to the publication's folder.
"""
