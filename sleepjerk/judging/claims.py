"""The article's claims A1-A25: what is said, what is known, how this software uses it. Knows nothing else.

The article is a popular text about shaking in sleep; each claim stands here in our own words, with a verdict
from the literature. A criterion names the claim it serves. Must not know thresholds (those are `rules`) or
nights.

Conventions
-----------
`verdict` is one of `VERDICTS`. "silent" means that nothing was found, which is no verdict on the claim.
Sources are short forms; where a source is known only second-hand or weakly, the evidence says so.
"""

from dataclasses import dataclass

VERDICTS = ("supported", "partly", "contradicted", "silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of the article and what became of it."""

    id: str
    text: str
    verdict: str
    evidence: str
    source: str
    use: str

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict {self.verdict!r} of claim {self.id} is none of {', '.join(VERDICTS)}")


CLAIMS = (
    Claim(
        id="A1",
        text="A sudden shake at night can wake a person and make it hard to fall asleep again.",
        verdict="supported",
        evidence="Jerks can come with arousal and a fast heart; the intensified form hinders sleep.",
        source="Calandra-Buonaura 2014; Whitney & Weiss 2018",
        use="Counts jerks that longer, wake-like movement follows.",
    ),
    Claim(
        id="A2",
        text="It is called physiological muscle jerk: a fast contraction nobody wills, then relaxation.",
        verdict="supported",
        evidence="Sleep starts are a known phenomenon of falling asleep.",
        source="ICSD-3 wording, read through Calandra-Buonaura 2014",
        use="The labels for brief isolated movements.",
    ),
    Claim(
        id="A3",
        text="It appears at rest: asleep, relaxed, or holding one position.",
        verdict="partly",
        evidence=(
            "True of falling asleep; a jerk while holding a posture is another thing (tremor, fasciculation)."
        ),
        source="Calandra-Buonaura 2014",
        use="The onset window, and quiet before and after each jerk.",
    ),
    Claim(
        id="A4",
        text="It is short, rare and light, and leaves no pain, soreness or tiredness.",
        verdict="partly",
        evidence=(
            "Muscle bursts last 75-250 ms and are not periodic (weak sources); but a jerk can jolt the "
            "whole body."
        ),
        source="Calandra-Buonaura 2014; ICSD wording",
        use="Duration, rate and strength bands; pain is a symptom to tell a doctor.",
    ),
    Claim(
        id="A5",
        text="It comes from repeated stimulation of muscle fibres, not from damaged nerves.",
        verdict="contradicted",
        evidence=(
            "The origin is thought to lie in the brainstem or below the cortex, not in the muscle fibre."
        ),
        source="Calandra-Buonaura 2014; Bologna 2016",
        use="Not used: the software shows no mechanism.",
    ),
    Claim(
        id="A6",
        text="See a doctor when the contractions are marked, frequent or long-lasting.",
        verdict="supported",
        evidence=(
            "In spirit: twitches over 2 weeks or in several places; no study gives a rate of jerks as a "
            "limit."
        ),
        source="NHS",
        use="The criteria for significant, frequent and prolonged.",
    ),
    Claim(
        id="A7",
        text="See a doctor when pain, numbness or weakness come with it: a nerve or muscle may be ill.",
        verdict="supported",
        evidence="Wasting, weakness or stiffness is what makes guidelines refer a person with twitches.",
        source="NICE NG127; NHS",
        use="Symptoms come before any count.",
    ),
    Claim(
        id="A8",
        text=(
            "Now and then, shaking is said to do no harm yet to reflect health; often, it may be a sign "
            "of disease."
        ),
        verdict="partly",
        evidence=(
            "60-70 % of people know it; more in parkinsonism and with some antidepressants; 'reflects "
            "health': nothing found."
        ),
        source="Bologna 2016; Kumar 2023",
        use="Low counts are called common; nothing is inferred about disease.",
    ),
    Claim(
        id="A9",
        text="Low calcium can cause short local twitches in sleep, not of the whole body.",
        verdict="partly",
        evidence="Low blood calcium causes tingling, cramps and spasm; no link to jerks in sleep was found.",
        source="Harrison (excerpt)",
        use="A question of the diary (cramps, tingling); never advice to take a supplement.",
    ),
    Claim(
        id="A10",
        text="Lack of calcium also gives bone pain, tiredness and low mood: get examined.",
        verdict="partly",
        evidence="Tiredness and low mood are listed; bone pain belongs rather to vitamin D (unverified).",
        source="Harrison (excerpt)",
        use="A question of the diary (tired or low by day).",
    ),
    Claim(
        id="A11",
        text="High stress causes brief shakes, once or twice, not lasting.",
        verdict="partly",
        evidence=(
            "Stress is named as a trigger in reviews; the evidence is weak and 'once or twice' unmeasured."
        ),
        source="reviews quoting the AASM",
        use="Asked in the diary; beside the nights once 14 or more are kept.",
    ),
    Claim(
        id="A12",
        text=(
            "Stress also brings trouble falling asleep, waking and nightmares; relax, and see a doctor if"
            " it stays."
        ),
        verdict="supported",
        evidence="Known from insomnia; three nights a week for three months counts as chronic.",
        source="DSM-5 / ICSD-3",
        use="The rule for weeks and months.",
    ),
    Claim(
        id="A13",
        text="'Kidney deficiency' of traditional medicine causes nerve trouble and shaking at night.",
        verdict="silent",
        evidence="No biomedical evidence was found. Real kidney disease is another matter.",
        source="none found",
        use="Never inferred; who names a known kidney disease in the diary is told to speak of jerks to the doctor.",
    ),
    Claim(
        id="A14",
        text=(
            "It comes with tiredness, back pain, cold limbs and low energy; see a specialist, eat well, "
            "exercise."
        ),
        verdict="silent",
        evidence="Nothing was found that ties these signs to jerks in sleep.",
        source="none found",
        use="Questions of the diary (tiredness, back pain, cold limbs); nothing is inferred.",
    ),
    Claim(
        id="A15",
        text="Nocturnal myoclonus means contractions in sleep that nobody wills.",
        verdict="supported",
        evidence="It is the old name of periodic limb movements.",
        source="Symonds 1953; Coleman 1982",
        use="Movements in series are kept apart from single jerks.",
    ),
    Claim(
        id="A16",
        text="It occurs in deep sleep or on entering dream sleep.",
        verdict="contradicted",
        evidence=(
            "Movements fall mostly into light and dream sleep; jerks at sleep onset lie between waking "
            "and light sleep."
        ),
        source="Montini 2024",
        use="A wrist can't tell sleep stages: only the time since falling asleep is shown.",
    ),
    Claim(
        id="A17",
        text="Anaemia, diabetes and an underactive thyroid cause it.",
        verdict="contradicted",
        evidence=(
            "In 2,162 people, iron stores and haemoglobin did not differ; age, sex, restless legs, some "
            "antidepressants did."
        ),
        source="Haba-Rubio 2016",
        use="No causes are named; a doctor can check.",
    ),
    Claim(
        id="A18",
        text=(
            "It is treated with certain medicines and minerals, together with relaxing, stretching and "
            "massage."
        ),
        verdict="contradicted",
        evidence=(
            "One open trial of ten people for a mineral; some antidepressants are tied to more movements,"
            " not fewer."
        ),
        source="Hornyak 1998; Yang 2005; Kumar 2023",
        use="The software never recommends a medicine or supplement, nor to stop one.",
    ),
    Claim(
        id="A19",
        text="After hard exercise shaking may come from tired muscles and goes away by rest.",
        verdict="partly",
        evidence="Exercise is named as a trigger; the evidence is weak.",
        source="reviews quoting the AASM",
        use="Asked in the diary; beside the nights once 14 or more are kept.",
    ),
    Claim(
        id="A20",
        text=(
            "Side effects of medicines and diseases of nerve or muscle can cause it; if marked or "
            "lasting, see a doctor."
        ),
        verdict="supported",
        evidence="Suspected medicines are a named reason to ask a doctor.",
        source="NHS; Kumar 2023",
        use="A new or changed medicine is on the list of things to tell a doctor.",
    ),
    Claim(
        id="A21",
        text="Build up exercise step by step and sleep enough.",
        verdict="silent",
        evidence="Plausible; no study on jerks in sleep was found.",
        source="none found",
        use="Not used.",
    ),
    Claim(
        id="A22",
        text="Rest enough and keep regular hours.",
        verdict="partly",
        evidence="Lost sleep and irregular hours are named as triggers; the evidence is weak.",
        source="reviews quoting the AASM",
        use="Length of the sleep period; when sleep began, from night to night, in the trend.",
    ),
    Claim(
        id="A23",
        text="Avoid getting over-tired; exercise moderately.",
        verdict="partly",
        evidence="As A19 and A22.",
        source="reviews quoting the AASM",
        use="Asked in the diary; beside the nights once 14 or more are kept.",
    ),
    Claim(
        id="A24",
        text="Lower stress, for example by meditation or massage.",
        verdict="partly",
        evidence="As A11; no trial on jerks in sleep was found.",
        source="reviews quoting the AASM",
        use="Asked in the diary; stress beside jerks once 14 nights or more are kept.",
    ),
    Claim(
        id="A25",
        text="(Missing in the article.) Caffeine, other stimulants and alcohol can play a part.",
        verdict="partly",
        evidence="Named as triggers of twitches.",
        source="NHS",
        use="Asked in the diary; beside the nights once 14 or more are kept.",
    ),
)
