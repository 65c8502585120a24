"""Questionnaires that patients answer, or somebody with them."""

from __future__ import annotations

from content.starter.read import Starter, body_of


def _questionnaire(code: str, name: str, category: str, description: str, text: str) -> Starter:
    return Starter("questionnaire", code, name, category, description, body_of(text))


QUESTIONNAIRES = (
    _questionnaire(
        "intake",
        "Intake",
        "Reception",
        "What a new patient tells before the first visit.",
        """
        # Reason
        text! | What brings you here?
        attachment | Referral letter, if there is one | PDF
        # Health
        multichoice | Conditions you have or had | Diabetes; High blood pressure; Heart disease; Asthma; Epilepsy; Cancer; None
        choice! | Do you take medicines regularly? | Yes; No
        text! | Which ones, and how often? | | do-you-take-medicines-regularly = Yes
        choice! | Are you allergic to anything? | Yes; No; Not that I know
        text! | To what, and what happens? | | are-you-allergic-to-anything = Yes
        choice | Have you had operations? | Yes; No
        text | Which, and when? | | have-you-had-operations = Yes
        # Habits
        choice | Do you smoke? | Never; Stopped; Yes
        decimal | Cigarettes a day | 1..100 | do-you-smoke = Yes
        # In an emergency
        string! | Whom shall we call?
        string! | Their phone number
        """,
    ),
    _questionnaire(
        "consent-checklist",
        "Consent to treatment checklist",
        "Consent",
        "What was explained and agreed before a treatment.",
        """
        string! | Treatment
        multichoice! | Explained | What is done; Benefits; Risks; Alternatives; What happens without it
        choice! | Language understood | Yes; With an interpreter
        string! | Name of the interpreter | | language-understood = With an interpreter
        choice! | Who decides | The patient; Parent or guardian; Representative
        string! | Name of who decides | | who-decides != The patient
        choice! | Questions were answered | Yes; There were none
        choice! | Decision | Agrees; Declines; Wants time
        text! | What was said about declining | | decision = Declines
        date! | Date
        """,
    ),
    _questionnaire(
        "pain-diary",
        "Pain diary",
        "Pain",
        "Pain and what it keeps from, over a day.",
        """
        date! | Day
        # Pain
        scale! | In the morning | 0..10 none; worst
        scale! | At noon | 0..10 none; worst
        scale! | In the evening | 0..10 none; worst
        scale! | At night | 0..10 none; worst
        score | Pain of the day | mean of in-the-morning, at-noon, in-the-evening, at-night; 0 Mild; 4 Moderate; 7 Severe
        # What helped
        multichoice | What you did | Rest; Exercise; Heat or cold; Medicine; Nothing
        string | Medicine and how much
        choice! | Did pain wake you? | Yes; No
        text | What it kept you from
        """,
    ),
    _questionnaire(
        "falls-risk",
        "Falls risk",
        "Safety",
        "How likely an older person is to fall, and what to do about it.",
        """
        # Each from 0 (no) to 2 (clearly)
        scale! | Fell during the last year | 0..2 no; more than once
        scale! | Unsteady when walking or turning | 0..2 no; clearly
        scale! | Needs support to stand up | 0..2 no; clearly
        scale! | Dizzy on standing | 0..2 no; often
        scale! | Poor sight | 0..2 no; clearly
        scale! | Medicines that make drowsy | 0..2 none; several
        score | Risk of falling | sum of fell-during-the-last-year, unsteady-when-walking-or-turning, needs-support-to-stand-up, dizzy-on-standing, poor-sight, medicines-that-make-drowsy; 0 Low; 4 Raised; 8 High
        # What was arranged
        multichoice | Arranged | Walking aid; Physiotherapy; Review of medicines; Eye test; Visit at home; Nothing
        text | Remarks
        """,
    ),
)
