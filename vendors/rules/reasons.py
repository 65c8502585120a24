"""Coded reasons for saying no, and the flags of a result's values."""

REJECTION_REASONS = {
    "no_capacity": "No capacity in time",
    "not_offered": "We don't offer this service",
    "information_missing": "Information is missing",
    "specimen_unsuitable": "The specimen is unsuitable",
    "patient_unsuitable": "Not suitable for this patient",
    "duplicate": "Ordered twice",
    "other": "Another reason",
}

HOLD_REASONS = {
    "information": "Waiting for information",
    "specimen": "Waiting for another specimen",
    "patient": "Waiting for the patient",
    "supplies": "Supplies or equipment are missing",
    "other": "Another reason",
}

FAIL_REASONS = {
    "specimen_unsuitable": "The specimen is unsuitable",
    "patient_absent": "The patient did not come",
    "equipment": "Equipment failed",
    "not_measurable": "Nothing could be measured",
    "other": "Another reason",
}

CANCEL_REASONS = {
    "ordered_in_error": "Ordered in error",
    "patient_declined": "The patient declined",
    "no_longer_needed": "No longer needed",
    "duplicate": "Ordered twice",
    "too_late": "The vendor is too late",
    "other": "Another reason",
}

_REASONS = REJECTION_REASONS | CANCEL_REASONS | HOLD_REASONS | FAIL_REASONS


def reason_words(code: str, text: str) -> str:
    """A coded reason for people, with the words that were added."""
    label = _REASONS.get(code, code)
    return f"{label}: {text}" if label and text else label or text


#: How a value stands to its reference range (the codes of HL7's observation interpretation, in words).
FLAGS = {
    "": "–",
    "normal": "Normal",
    "low": "Low",
    "high": "High",
    "critical_low": "Critically low",
    "critical_high": "Critically high",
    "abnormal": "Abnormal",
}
ABNORMAL = frozenset({"low", "high", "abnormal"})
CRITICAL = frozenset({"critical_low", "critical_high"})
