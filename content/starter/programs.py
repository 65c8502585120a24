"""Programs of care, phase by phase. They refer to forms of the starter set and to usual services by code."""

from __future__ import annotations

from content.starter.read import Starter, program_of


def _program(code: str, name: str, category: str, description: str, text: str) -> Starter:
    return Starter("program", code, name, category, description, program_of(text))


PROGRAMS = (
    _program(
        "weight-management",
        "Weight management, 12 weeks",
        "Nutrition",
        "Twelve weeks of eating, moving and weekly weighing, with a dietitian and a doctor.",
        """
        # Getting ready | 1 weeks
        goal | Knows the starting weight and chose a target of 5 to 7 percent
        form | Intake | intake | 1
        service | First consultation | CONSULT | 1
        service | Lipid profile | LIPID | 2
        service | Complete blood panel | BLOOD | 2
        appointment | Dietitian, one hour | dietitian | 4
        # Losing weight | 8 weeks
        goal | Half a kilogram to one kilogram less each week
        goal | Moves for 150 minutes each week
        note | Weigh at home in the morning and write it down | | 1 every 7
        appointment | Dietitian, by video | dietitian | 8 every 14
        service | Follow-up consultation | FOLLOWUP | 28
        # Keeping it | 3 weeks
        goal | Eats and moves by a plan of their own
        appointment | Dietitian, closing conversation | dietitian | 15
        service | Lipid profile again | LIPID | 15
        service | Closing consultation | FOLLOWUP | 20
        note | Agree who calls whom when three kilograms are back | | 20
        """,
    ),
    _program(
        "hypertension-follow-up",
        "Hypertension follow-up",
        "General practice",
        "From a new diagnosis to steady pressure at home, over half a year.",
        """
        # Starting treatment | 4 weeks
        goal | Measures the pressure at home, morning and evening
        service | Consultation | CONSULT | 1
        form | Visit | chart-general-practice | 1
        service | Electrocardiogram | ECG | 3
        service | Complete blood panel | BLOOD | 3
        note | Call: are the tablets tolerated? | | 10
        # Finding the dose | 8 weeks
        goal | Below 140 over 90 mmHg at home
        service | Follow-up consultation | FOLLOWUP | 1 every 28
        note | Ask for the week's readings | | 7 every 7
        # Staying there | 12 weeks
        goal | Below 130 over 80 mmHg where it is tolerated
        note | Ask for the month's readings | | 14 every 28
        service | Lipid profile | LIPID | 70
        service | Closing consultation | FOLLOWUP | 84
        """,
    ),
    _program(
        "knee-rehabilitation",
        "Knee replacement, rehabilitation",
        "Physiotherapy",
        "From the day after a knee replacement until work and stairs without help.",
        """
        # In hospital | 5 days
        goal | Stands and walks ten steps with a frame
        service | Physiotherapy at the bed | PHYSIO | 1 every 1
        form | Falls risk | falls-risk | 1
        note | Cool and raise the leg, five times a day | | 1 every 1
        # At home | 6 weeks
        goal | Bends the knee to 90 degrees
        goal | Climbs stairs with a crutch
        service | Physiotherapy session | PHYSIO | 2 every 4
        form | Pain diary | pain-diary | 1 every 7
        appointment | Removing the stitches | nurse | 9
        appointment | Surgeon, with an X-ray | surgeon | 40
        # Back to strength | 6 weeks
        goal | Bends the knee to 120 degrees, walks two kilometres
        service | Physiotherapy session | PHYSIO | 3 every 7
        form | Physiotherapy visit | chart-physiotherapy | 40
        appointment | Surgeon, closing visit | surgeon | 42
        """,
    ),
    _program(
        "antenatal-care",
        "Antenatal care",
        "Obstetrics",
        "Eight contacts from week 12 of a pregnancy to its end.",
        """
        # Second trimester | 14 weeks
        goal | Knows the danger signs and whom to call
        form | First antenatal visit | chart-obstetrics-gynaecology | 1
        service | Antenatal visit, week 12 | ANC | 1
        service | Complete blood panel | BLOOD | 2
        service | Dating ultrasound | USG | 3
        service | Anomaly ultrasound | USG | 57
        service | Antenatal visit, week 20 | ANC | 57
        # Third trimester | 12 weeks
        goal | Chose where the child will be born
        service | Antenatal visit, weeks 26 and 30 | ANC | 1 every 28
        service | Complete blood panel | BLOOD | 15
        note | Ask about movements of the child | | 15 every 14
        # Until the birth | 4 weeks
        goal | Bag, transport and a person to call are ready
        service | Antenatal visit, every week | ANC | 1 every 7
        appointment | Midwife, plan of the birth | midwife | 3
        """,
    ),
)
