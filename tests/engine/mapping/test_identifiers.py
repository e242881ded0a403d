import pytest

from engine.mapping import identifier


@pytest.mark.parametrize(
    ("scheme", "written", "expected"),
    [
        ("tax_id", "TR 123-456-7890", "tax_id:1234567890"),
        ("vat", "DE 123 456 789", "vat:123456789"),
        ("email", " Info@Acme.COM ", "email:info@acme.com"),
        ("person_email", "mailto:A@b.org", "person_email:a@b.org"),
        ("phone", "+90 (532) 000 11 22", "phone:905320001122"),
        ("phone", "0090 532 000 11 22", "phone:905320001122"),
        ("erp_code", " 120.01.A ", "erp_code:120.01.A"),
    ],
)
def test_the_normal_form(scheme, written, expected):
    assert identifier(scheme, written) == expected


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("tax_id", "0000000000"),
        ("tax_id", "1111111111"),
        ("tax_id", "12"),
        ("tax_id", "none"),
        ("email", "n/a"),
        ("email", "@acme.com"),
        ("phone", "0"),
        ("erp_code", "  "),
        ("erp_code", None),
    ],
)
def test_what_identifies_nobody_is_left_out(scheme, written):
    assert identifier(scheme, written) is None
