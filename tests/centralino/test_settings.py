"""Settings from a file and the environment, and what is said when they are wrong."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

import pytest

from centralino.company import load_company
from centralino.settings import SettingsError, load_settings
from telephony.recording.sealing.master_key import KeysUnavailable


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


def test_nobody_listens_to_operators_until_the_file_says_what_allows_it(tmp_path: Path) -> None:
    assert not load_settings().monitoring.workers_informed
    (tmp_path / "centralino.toml").write_text("[monitoring]\nworkers_informed = true\n")
    with pytest.raises(SettingsError, match=r"monitoring: .*allowed_by is missing"):
        load_settings()
    (tmp_path / "centralino.toml").write_text('[monitoring]\nworkers_informed = true\nallowed_by = "accordo"\n')
    assert load_settings().monitoring.tells_operator


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


def test_the_master_key_of_recordings_comes_from_a_file_or_the_environment_else_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path / "data"))
    given = base64.b64encode(bytes(range(32))).decode()

    def opened_by(**settings: Any) -> bytes:
        key_id, _ = load_settings(**settings).recordings().keys.make("a.ogg")
        assert given not in repr(load_settings(**settings).recordings().keys.__dict__)
        return load_settings(**settings).recordings().keys.key(key_id)

    assert opened_by()
    assert (tmp_path / "data/recording_master.key").exists()
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    monkeypatch.setenv("CENTRALINO_RECORDING_KEYS__MASTER_KEY", given)
    assert opened_by()
    (tmp_path / "elsewhere.key").write_text(given + "\n")
    monkeypatch.delenv("CENTRALINO_RECORDING_KEYS__MASTER_KEY")
    assert opened_by(recording_keys={"master_key_file": str(tmp_path / "elsewhere.key")})  # the same one
    assert not (tmp_path / "data/recording_master.key").exists()
    with pytest.raises(KeysUnavailable, match=r"recording_master\.key, is missing"):
        opened_by()
    with pytest.raises(SettingsError, match="recording_keys"):
        load_settings(recording_keys={"master": given})
