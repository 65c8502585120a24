"""Charting templates, one for each specialty."""

from __future__ import annotations

from content.starter.read import Starter, body_of


def _template(specialty: str, name: str, description: str, text: str) -> Starter:
    return Starter(
        "charting_template", f"chart-{specialty}", f"{name} visit", name, description, body_of(text)
    )


TEMPLATES = (
    _template(
        "general-practice",
        "General practice",
        "A first or follow-up visit at the general practitioner.",
        """
        # Why the person came
        text! | Reason for the visit
        choice! | Kind of visit | First visit; Follow-up; Repeat prescription
        decimal | How long it has lasted | days 0..3650
        # Examination
        decimal | Systolic pressure | mmHg 50..280
        decimal | Diastolic pressure | mmHg 20..180
        decimal | Pulse | /min 20..250
        decimal | Temperature | °C 30..45 1
        decimal | Weight | kg 0.3..400 1
        text | Findings
        # Assessment
        text! | Working diagnosis
        multichoice | Warning signs | Unexplained weight loss; Night sweats; Persistent fever; Bleeding; None of these
        # Plan
        text! | Treatment and advice
        choice! | Next step | No follow-up; Follow-up visit; Referral; Admission
        date | Follow-up on | | next-step = Follow-up visit
        string! | Referred to | | next-step = Referral
        """,
    ),
    _template(
        "paediatrics",
        "Paediatrics",
        "Growth, feeding, immunization and illness of a child.",
        """
        # Who came along
        choice! | Accompanied by | Mother; Father; Both parents; Other
        string! | Who that is | | accompanied-by = Other
        # Growth
        decimal! | Weight | kg 0.3..150 2
        decimal | Length or height | cm 25..210 1
        decimal | Head circumference | cm 20..65 1
        # Feeding and development
        choice | Feeding | Breast milk only; Mixed; Formula; Solid food; Family food
        choice | Development for age | As expected; Unsure; Delayed
        text! | What is delayed | | development-for-age = Delayed
        # Vaccines
        choice! | Immunization | Up to date; Behind; Card not seen
        string! | What is missing | | immunization = Behind
        # Today
        text! | Complaint and findings
        decimal | Temperature | °C 30..45 1
        text! | Assessment and plan
        text | What was explained to the parents
        """,
    ),
    _template(
        "obstetrics-gynaecology",
        "Obstetrics and gynaecology",
        "An antenatal or gynaecological visit.",
        """
        choice! | Visit for | Pregnancy; Gynaecological complaint; Contraception; Screening
        date | First day of the last period
        # Pregnancy | | visit-for = Pregnancy
        decimal! | Pregnancies so far | 0..25
        decimal! | Births so far | 0..25
        decimal! | Week of pregnancy | weeks 1..44
        decimal | Fundal height | cm 5..50
        decimal | Fetal heart rate | /min 60..220
        choice | Presentation | Head; Breech; Transverse; Not determined
        choice | Fetal movements | Felt as usual; Fewer; Not yet felt
        # Examination
        decimal | Systolic pressure | mmHg 50..280
        decimal | Diastolic pressure | mmHg 20..180
        choice | Protein in urine | None; Trace; 1+; 2+; 3+
        text | Findings
        # Assessment and plan
        text! | Assessment
        text! | Plan
        multichoice | Explained | Warning signs; Nutrition and iron; Birth plan; Contraception
        """,
    ),
    _template(
        "cardiology",
        "Cardiology",
        "Symptoms, risks, examination and plan of a heart patient.",
        """
        # Symptoms
        multichoice | Symptoms | Chest pain; Breathlessness; Palpitations; Fainting; Swollen legs; None
        choice! | Chest pain | None; On exertion; At rest
        string! | How far until it comes | | chest-pain = On exertion
        choice! | Breathlessness limits | Nothing; Strenuous activity; Ordinary activity; Even at rest
        # Risks
        multichoice | Known risks | High blood pressure; Diabetes; High cholesterol; Smoking; Family history
        decimal | Cigarettes a day | 0..100
        # Examination
        decimal! | Systolic pressure | mmHg 50..280
        decimal! | Diastolic pressure | mmHg 20..180
        decimal! | Pulse | /min 20..250
        choice | Rhythm | Regular; Irregular
        text | Heart sounds and lungs
        # Investigations
        text | ECG
        decimal | Ejection fraction | % 5..85
        # Assessment and plan
        text! | Assessment
        text! | Plan and medicines
        choice | Urgency | Routine; This week; Today
        """,
    ),
    _template(
        "orthopaedics",
        "Orthopaedics",
        "A joint, bone or back complaint.",
        """
        # Complaint
        choice! | Region | Shoulder; Elbow; Wrist or hand; Hip; Knee; Ankle or foot; Neck; Back
        choice! | Side | Right; Left; Both; Midline
        choice! | Began with | Injury; Overuse; No known cause
        text! | How the injury happened | | began-with = Injury
        scale! | Pain at rest | 0..10 none; worst
        scale! | Pain on movement | 0..10 none; worst
        # Examination
        text | Inspection and palpation
        decimal | Flexion | ° 0..180
        decimal | Extension | ° -30..180
        choice! | Nerves and blood supply | Intact; Impaired
        text! | What is impaired | | nerves-and-blood-supply = Impaired
        # Imaging
        text | X-ray or other imaging
        # Assessment and plan
        text! | Diagnosis
        multichoice | Treatment | Rest and medicines; Plaster or splint; Injection; Physiotherapy; Operation
        text | Plan
        """,
    ),
    _template(
        "dermatology",
        "Dermatology",
        "A skin, hair or nail complaint.",
        """
        # Complaint
        text! | What and since when
        scale | Itching | 0..10 none; unbearable
        multichoice | What was tried | Moisturizer; Steroid cream; Antifungal; Antibiotic; Home remedy; Nothing
        choice | Allergies | None known; Known
        string! | Allergic to | | allergies = Known
        # Examination
        multichoice! | Where | Face; Scalp; Trunk; Arms; Legs; Hands; Feet; Nails; Folds
        multichoice! | What is seen | Macule; Papule; Plaque; Vesicle; Pustule; Scale; Crust; Ulcer
        decimal | Largest diameter | mm 0..500
        choice! | Suspicious of cancer | No; Unsure; Yes
        attachment | Picture of it | PNG; JPEG
        text! | Why, and what was arranged | | suspicious-of-cancer != No
        # Assessment and plan
        text! | Diagnosis
        text! | Treatment
        date | See again on
        """,
    ),
    _template(
        "ophthalmology",
        "Ophthalmology",
        "Sight, pressure and findings of both eyes.",
        """
        # Complaint
        text! | Complaint
        choice! | Onset | Sudden; Gradual
        choice! | Eye | Right; Left; Both
        # Sight
        string! | Right eye without glasses
        string! | Left eye without glasses
        string | Right eye with glasses
        string | Left eye with glasses
        # Pressure
        decimal | Pressure right | mmHg 1..80
        decimal | Pressure left | mmHg 1..80
        # Examination
        text | Lids, conjunctiva, cornea
        text | Lens
        choice | Pupils dilated | No; Yes
        text | Fundus right | | pupils-dilated = Yes
        text | Fundus left | | pupils-dilated = Yes
        # Assessment and plan
        text! | Diagnosis
        text! | Plan
        """,
    ),
    _template(
        "ent",
        "ENT",
        "Ear, nose and throat.",
        """
        # Complaint
        multichoice! | About | Ear; Nose; Throat; Neck; Dizziness
        text! | Complaint and since when
        # Ear
        multichoice | Ear complaints | Pain; Discharge; Hearing loss; Ringing; None
        text | Ear drums
        # Nose
        multichoice | Nose complaints | Blocked; Running; Bleeding; No smell; None
        text | Inside of the nose
        # Throat
        multichoice | Throat complaints | Sore; Hoarse; Hard to swallow; None
        decimal | Hoarse for | weeks 0..520
        choice! | Larynx examined | Yes; Arranged | hoarse-for > 3
        text | Throat and larynx
        # Assessment and plan
        text! | Diagnosis
        text! | Plan
        """,
    ),
    _template(
        "psychiatry",
        "Psychiatry",
        "A psychiatric visit with mental state and safety.",
        """
        # History
        text! | Reason in the person's own words
        text | Course since the last visit
        multichoice | Present | Low mood; Anxiety; Poor sleep; Poor appetite; Voices or beliefs; Substance use; None
        decimal | Sleep at night | hours 0..24 1
        # Mental state
        text | Appearance and behaviour
        text | Speech and thought
        string | Mood as seen
        choice | Insight | Good; Partial; None
        # Safety
        choice! | Thoughts of harm to self | None; Passing; With a plan
        text! | Safety plan and who was told | | thoughts-of-harm-to-self != None
        choice! | Thoughts of harm to others | None; Present
        text! | What was done | | thoughts-of-harm-to-others = Present
        # Assessment and plan
        text! | Assessment
        text! | Medicines and therapy
        date | Next visit
        """,
    ),
    _template(
        "physiotherapy",
        "Physiotherapy",
        "A session with pain, movement and what was done.",
        """
        # Before
        decimal! | Session number | 1..200
        scale! | Pain before | 0..10 none; worst
        text | Since the last session
        # Function
        scale | Walking | 0..4 not possible; free
        scale | Stairs | 0..4 not possible; free
        scale | Self-care | 0..4 not possible; free
        score | Function | sum of walking, stairs, self-care; 0 Severely limited; 5 Limited; 9 Nearly free
        # Treatment
        multichoice! | Done today | Exercise; Manual therapy; Heat or cold; Electrotherapy; Gait training; Advice
        decimal | Duration | min 5..180
        # After
        scale! | Pain after | 0..10 none; worst
        text | Exercises at home
        choice! | Continue | As planned; Change the plan; Discharge
        text! | How the plan changes | | continue = Change the plan
        """,
    ),
    _template(
        "dentistry",
        "Dentistry",
        "Complaint, findings by tooth and treatment.",
        """
        # Complaint
        text! | Complaint
        scale | Pain | 0..10 none; worst
        # Before treatment
        multichoice! | Beware of | Blood thinners; Heart valve; Pregnancy; Allergy; Diabetes; Nothing
        choice! | Medical history checked | Yes; Not possible
        # Findings
        string | Decayed teeth
        string | Missing teeth
        string | Filled teeth
        choice | Gums | Healthy; Bleeding; Pockets
        decimal | Deepest pocket | mm 1..15 | gums = Pockets
        # Treatment
        multichoice! | Done today | Examination; Cleaning; Filling; Root canal; Extraction; Crown or bridge
        string | Teeth treated
        choice | Anaesthesia | None; Local
        string! | Agent and amount | | anaesthesia = Local
        text! | Plan
        """,
    ),
    _template(
        "endocrinology",
        "Endocrinology",
        "Diabetes, thyroid and other hormones.",
        """
        choice! | Visit for | Diabetes; Thyroid; Other
        # Diabetes | | visit-for = Diabetes
        choice! | Type | Type 1; Type 2; In pregnancy; Other
        decimal | HbA1c | % 3..20 1
        decimal | Fasting glucose | mg/dL 20..800
        decimal! | Hypoglycaemia last month | 0..200
        text! | When and how severe | | hypoglycaemia-last-month > 0
        choice! | Feet examined | No findings; Loss of feeling; Ulcer; Not examined
        date | Eyes last examined
        # Thyroid | | visit-for = Thyroid
        decimal | TSH | mIU/L 0..150 2
        choice | Thyroid on palpation | Normal; Enlarged; Nodule
        # Examination
        decimal | Weight | kg 0.3..400 1
        decimal | Systolic pressure | mmHg 50..280
        # Assessment and plan
        text! | Assessment
        text! | Plan and doses
        """,
    ),
)
