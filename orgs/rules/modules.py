"""The clinical areas that an organization can have: each brings service categories."""

from core.modules import Module, declare

OUTPATIENT = declare(
    Module(
        "outpatient",
        "Outpatient",
        "Consultations and follow-ups of patients who go home again.",
        "stethoscope",
        categories=("consultation", "outpatient", "follow-up"),
    )
)
INPATIENT = declare(
    Module(
        "inpatient",
        "Inpatient",
        "Stays over night: beds, nursing, operations.",
        "bed",
        categories=("inpatient", "ward", "surgery"),
    )
)
DAY_CARE = declare(
    Module(
        "day_care",
        "Day care",
        "Procedures without a night’s stay.",
        "sun",
        categories=("day care", "procedure"),
        requires=("outpatient",),
    )
)
EMERGENCY = declare(
    Module(
        "emergency",
        "Emergency",
        "Care without an appointment, day and night.",
        "siren",
        categories=("emergency",),
    )
)
LABORATORY = declare(
    Module(
        "laboratory",
        "Laboratory",
        "Tests of blood, urine and tissue, done here or ordered.",
        "flask-conical",
        categories=("laboratory", "pathology"),
    )
)
RADIOLOGY = declare(
    Module(
        "radiology",
        "Radiology",
        "Imaging: X-ray, ultrasound, CT and MRI, done here or ordered.",
        "scan",
        categories=("imaging", "radiology"),
    )
)
DIAGNOSTICS = declare(
    Module(
        "diagnostics",
        "Diagnostics",
        "Measurements at the patient, such as an electrocardiogram.",
        "activity",
        categories=("diagnostics",),
    )
)
PHARMACY = declare(
    Module(
        "pharmacy", "Pharmacy", "Medicines sold and handed out.", "pill", categories=("pharmacy", "medicine")
    )
)
PHYSIOTHERAPY = declare(
    Module(
        "physiotherapy",
        "Physiotherapy",
        "Sessions of physiotherapy and rehabilitation.",
        "dumbbell",
        categories=("physiotherapy", "rehabilitation"),
    )
)
DENTAL = declare(Module("dental", "Dental", "Care of teeth and gums.", "smile", categories=("dental",)))
MATERNITY = declare(
    Module(
        "maternity",
        "Maternity",
        "Care before, during and after birth.",
        "baby",
        categories=("obstetrics", "maternity"),
        requires=("outpatient",),
    )
)
MENTAL_HEALTH = declare(
    Module(
        "mental_health",
        "Mental health",
        "Counselling and psychiatric care.",
        "brain",
        categories=("mental health", "counselling"),
    )
)
HOME_CARE = declare(
    Module(
        "home_care",
        "Home care",
        "Visits and nursing at home.",
        "house",
        categories=("home care", "home visit"),
    )
)
TELEHEALTH = declare(
    Module(
        "telehealth",
        "Telehealth",
        "Consultations by video or telephone.",
        "video",
        categories=("telehealth",),
        requires=("outpatient",),
    )
)
