"""Settings from a file and the environment, and what is said when they are wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from centralino.company import load_company
from centralino.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "PORT", "DATA_DIR", "TWILIO_AUTH_TOKEN", "COMPANY"):
        monkeypatch.delenv(f"CENTRALINO_{name}", raising=False)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "centralino.toml").write_text('port = 9001\nhuman_number = "+390511"\n')
    monkeypatch.setenv("CENTRALINO_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.human_number) == (9002, "+390511")


def test_a_misspelt_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "centralino.toml").write_text("prot = 9001\n")
    with pytest.raises(SettingsError, match="prot"):
        load_settings()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "centralino.toml").write_text("port = = 1\n")
    with pytest.raises(SettingsError, match=r"centralino\.toml"):
        load_settings()


def test_a_named_file_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings()


def test_the_local_token_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data")
    token = settings.auth_token()
    assert len(token) >= 32
    assert settings.auth_token() == token
    assert stat.S_IMODE((tmp_path / "data" / "local_twilio_token").stat().st_mode) == 0o600


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_TWILIO_AUTH_TOKEN", "very-secret")
    assert "very-secret" not in repr(load_settings())


def test_a_company_folder_without_its_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"company\.toml is missing"):
        load_company(tmp_path)


def test_a_line_in_a_language_without_texts_is_refused(tmp_path: Path) -> None:
    sample = load_settings().company
    for name in ("flowbook.yaml", "articles"):
        (tmp_path / name).symlink_to(sample / name)
    (tmp_path / "company.toml").write_text('name = "X"\n[[lines]]\nid = "x"\nlanguage = "fr"\n')
    with pytest.raises(SettingsError, match="'fr'"):
        load_company(tmp_path)


def test_the_sample_company_is_whole() -> None:
    company = load_company(load_settings().company)
    assert {line.language for line in company.lines} == {"it", "en", "ko"}
    assert len(company.knowledge.articles) >= 25
    assert len(company.prompts()) > 100
