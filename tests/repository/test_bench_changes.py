"""The small changes that show what tests notice: which there are, and that each is a program of its own."""

import ast

from bench.changes import changes

SAMPLE = '''
"""Left alone."""
LIMIT: int = 3

@cache(size=64)
def take(count: int, name: str = "x") -> bool:
    """Left alone."""
    assert count != 7
    while count < LIMIT and not name:
        count += 1
        break
    print(name)
    return name in b"y" or count - 1 > 0
'''


def test_each_change_is_one_place_and_words_say_which() -> None:
    words = [change.words for change in changes(ast.parse(SAMPLE))]
    for one in (
        "3  →  4",
        "'x'  →  'XXx'",
        "count < LIMIT  →  count <= LIMIT",
        "not name  →  name",
        "count < LIMIT and (not name)  →  count < LIMIT or not name",
        "count < LIMIT and (not name)  →  not (count < LIMIT and (not name))",
        "count += 1  →  pass",
        "break  →  continue",
        "print(name)  →  pass",
        "name in b'y'  →  name not in b'y'",
        "b'y'  →  b'XXy'",
        "count - 1  →  count + 1",
        "count - 1 > 0  →  count - 1 >= 0",
    ):
        assert words.count(one) == 1, one
    assert not [one for one in words if "alone" in one or "64" in one or "7" in one or "int" in one.split()]


def test_what_is_carried_out_is_another_program_that_can_be_compiled() -> None:
    usual = ast.unparse(ast.parse(SAMPLE))
    programs = set()
    for number in range(len(list(changes(ast.parse(SAMPLE))))):
        tree = ast.parse(SAMPLE)
        list(changes(tree))[number].apply()
        compile(ast.fix_missing_locations(tree), "sample", "exec")
        programs.add(ast.unparse(tree))
    assert usual not in programs
    assert len(programs) == number + 1
