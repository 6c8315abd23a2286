"""placeholder until the branch with it is merged"""


def version_of(sdk: str, source: str) -> str:
    raise ValueError(source)
