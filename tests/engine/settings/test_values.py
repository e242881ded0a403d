from engine.settings.app import App
from engine.settings.values import Env, resolve, resolved
from engine.source import convert, parse_yaml


def test_a_setting_is_itself_or_comes_from_the_environment():
    assert resolve("x", {}) == "x"
    assert resolve(Env(env="A"), {"A": "y"}) == "y"
    assert resolve(Env(env="A", default="z"), {}) == "z"
    assert resolve(Env(env="A"), {}) == ""
    assert resolve(None, {}) is None


def test_plain_options_are_resolved_at_any_depth():
    options = {
        "url": {"env": "A"},
        "smtp": {"port": {"env": "P", "default": 25}},
        "list": [{"env": "A"}],
        "tls": {"env": "T", "default": False},
    }
    assert resolved(options, {"A": "y"}) == {"url": "y", "smtp": {"port": 25}, "list": ["y"], "tls": False}


def test_a_file_keeps_the_name_of_the_variable_not_its_value():
    app, problems = convert(parse_yaml("format: 1\ncompany: A\nsecret_key: {env: KEY}\n", "config/app.yaml"), App)
    assert problems == []
    assert app.secret_key.env == "KEY"
