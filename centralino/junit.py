"""The report on a flowbook's tests as JUnit XML, which build servers show."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from dialogs.rehearsal import TestReport

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: TestReport) -> str:
    """One suite, a case for each test."""
    failed = sum(not result.passed for result in report.results)
    suite = Element("testsuite")
    suite.attrib.update(
        name=report.book, tests=str(len(report.results)), failures=str(failed), errors="0",
        time=f"{report.took_ms / 1000:.3f}",
    )  # fmt: skip
    for result in report.results:
        case = SubElement(suite, "testcase", name=_text(result.name), classname=report.book)
        case.attrib.update(file=report.file, line=str(result.line), time=f"{result.took_ms / 1000:.3f}")
        if result.failures:
            failure = SubElement(case, "failure", message=_text(result.failures[0].message))
            failure.text = _text("\n".join(map(str, result.failures)))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def _text(told: str) -> str:
    return _NOT_XML.sub("�", told)
