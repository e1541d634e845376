"""What `<name>` stands for in a transcript: bound where it is first heard, the same ever after.
`<_>` stands for anything, every time."""

import re

_NAME = re.compile(r"<([^<>]+)>")


class Placeholders:
    def __init__(self):
        self._values = {}

    def match(self, pattern, value):
        """Whether `value` is as `pattern` expects it; binds what is heard for the first time."""
        if isinstance(pattern, str):
            return self._match_name(pattern, value)
        if isinstance(pattern, list):
            return (isinstance(value, list) and len(pattern) == len(value)
                    and all(map(self.match, pattern, value)))
        if isinstance(pattern, dict):
            return (isinstance(value, dict) and pattern.keys() == value.keys()
                    and all(self.match(pattern[name], value[name]) for name in pattern))
        return _same(pattern, value)

    def filled(self, value):
        """What is said: `value` with every bound name replaced."""
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if isinstance(value, dict):
            return {name: self.filled(one) for name, one in value.items()}
        if not isinstance(value, str):
            return value
        name = _NAME.fullmatch(value)
        if name and name[1] in self._values:
            return self._values[name[1]]
        return self._replaced(value)

    def _match_name(self, pattern, value):
        whole = _NAME.fullmatch(pattern)
        if whole is None:
            return isinstance(value, str) and self._match_text(pattern, value)
        if whole[1] == "_":
            return True
        return _same(self._values.setdefault(whole[1], value), value)

    def _match_text(self, pattern, found):
        """A text with a placeholder in it, such as `<epoch>-12`."""
        known = self._replaced(pattern)
        name = _NAME.search(known)
        if name is None:
            return known == found
        before, after = known[:name.start()], known[name.end():]
        if not (found.startswith(before) and found.endswith(after)
                and len(found) > len(before) + len(after)):
            return False
        self._values[name[1]] = found[len(before):len(found) - len(after)]
        return True

    def _replaced(self, text):
        for name, value in self._values.items():
            if isinstance(value, str):
                text = text.replace(f"<{name}>", value)
        return text


def _same(one, other):
    """Equal as JSON, in which `true` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other
