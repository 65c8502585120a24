"""The EMR profiles: clinical specialties with their service categories, specialties and charting templates.

The codes of templates name what a content library brings; without one they name nothing yet.
"""

from __future__ import annotations

from core.modules import Profile, declare

#: code, label, icon, service categories, specialties, codes of charting templates
_PROFILES = (
    ("general_practice", "General practice", "stethoscope", ("general practice", "vaccination"),
     ("General practice", "Family medicine"), ("soap-note", "vital-signs", "chronic-care-review")),
    ("paediatrics", "Paediatrics", "baby", ("paediatrics", "well child"),
     ("Paediatrics", "Neonatology"), ("well-child-visit", "growth-chart", "immunization-record")),
    ("obgyn", "Obstetrics and gynaecology", "heart-handshake", ("gynaecology", "antenatal"),
     ("Obstetrics", "Gynaecology"), ("antenatal-visit", "gynaecology-history", "postnatal-visit")),
    ("cardiology", "Cardiology", "heart-pulse", ("cardiology",),
     ("Cardiology", "Cardiac rehabilitation"), ("cardiac-history", "ecg-report", "heart-failure-review")),
    ("orthopaedics", "Orthopaedics", "bone", ("orthopaedics",),
     ("Orthopaedic surgery", "Sports medicine"), ("joint-examination", "fracture-follow-up")),
    ("dermatology", "Dermatology", "scan-face", ("dermatology",),
     ("Dermatology",), ("skin-examination", "lesion-map")),
    ("ophthalmology", "Ophthalmology", "eye", ("ophthalmology", "optometry"),
     ("Ophthalmology", "Optometry"), ("visual-acuity", "refraction", "fundus-examination")),
    ("ent", "Ear, nose and throat", "ear", ("ear, nose and throat",),
     ("Otolaryngology", "Audiology"), ("ent-examination", "audiogram")),
    ("psychiatry", "Psychiatry", "brain", ("psychiatry", "psychotherapy"),
     ("Psychiatry", "Clinical psychology"), ("mental-state-examination", "phq-9", "therapy-note")),
    ("physiotherapy", "Physiotherapy practice", "dumbbell", ("manual therapy", "rehabilitation"),
     ("Physiotherapy", "Rehabilitation"), ("physiotherapy-assessment", "exercise-plan")),
    ("dentistry", "Dentistry", "smile", ("dentistry", "orthodontics"),
     ("Dentistry", "Orthodontics"), ("dental-chart", "periodontal-chart")),
    ("endocrinology", "Endocrinology", "droplets", ("endocrinology", "diabetes care"),
     ("Endocrinology", "Diabetology"), ("diabetes-review", "thyroid-review")),
)  # fmt: skip

PROFILES = tuple(
    declare(
        Profile(
            code=f"emr.{code}",
            label=label,
            help=f"Charting and services of: {', '.join(one.lower() for one in specialties)}.",
            icon=icon,
            categories=categories,
            specialties=specialties,
            template_codes=templates,
        )
    )
    for code, label, icon, categories, specialties, templates in _PROFILES
)
