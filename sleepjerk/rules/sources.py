"""Where thresholds and claims come from: the short name that is cited, and the source in full. Knows nothing else.

Conventions
-----------
An address ends a source wherever one was found; what was read only where somebody else tells it says so.
"""

_DOI, _PUBMED, _PMC = (
    "https://doi.org/",
    "https://pubmed.ncbi.nlm.nih.gov/",
    "https://pmc.ncbi.nlm.nih.gov/articles/",
)
_READ = "read only where others quote it"

SOURCES = {
    "WASM 2016": f"Ferri et al., Sleep Med 2016;26:86-95, rules for leg movements {_DOI}10.1016/j.sleep.2016.10.010",
    "AASM": "AASM Manual for the Scoring of Sleep, limb movement rules (read through published listings)",
    "AASM 2025": f"American Academy of Sleep Medicine, guideline on restless legs, 2025 {_DOI}10.5664/jcsm.11390",
    "AASM n.d.": f"American Academy of Sleep Medicine on what brings hypnic jerks about; {_READ}",
    "Avey 2025": f"Avey et al. 2025, scratching of healthy people at night {_DOI}10.2196/72216",
    "Bologna 2016": f"Bologna et al., Sleep Med 2016, hypnic jerks in parkinsonism {_DOI}10.1016/j.sleep.2016.07.011",
    "Calandra-Buonaura 2014": "Calandra-Buonaura et al., Sleep Med 2014, intensified hypnic jerks",
    "Coleman 1982": f"Coleman 1982, periodic movements in sleep (nocturnal myoclonus); {_READ}",
    "Drakatos 2021": f"Drakatos et al. 2021; read second-hand {_PMC}PMC8662505",
    "DSM-5": f"DSM-5 / ICSD-3, frequency of insomnia and restless legs, as Ohayon 2016 cites it {_PUBMED}27770066/",
    "ATS EFM": "American Thoracic Society quick hit on excessive fragmentary myoclonus; AASM numbers",
    "Ferri 2006": "Ferri et al., Sleep 2006;29:759-769, the index of periodicity",
    "Ferri 2016": f"Ferri et al. 2016, cut-off of the periodicity index; read second-hand {_PUBMED}26922620/",
    "Ferri 2021": f"Ferri et al., Sleep 2021, large muscle group movements {_DOI}10.1093/sleep/zsab092",
    "GGIR": "GGIR documentation, non-wear and calibration chapters https://github.com/wadpac/GGIR",
    "Haba-Rubio 2016": f"Haba-Rubio et al., Ann Neurol 2016, HypnoLaus, 2,162 people {_DOI}10.1002/ana.24593",
    "Harrison": "Harrison's Principles of Internal Medicine, on low calcium; read as an excerpt",
    "Hornyak 1998": "Hornyak et al., Sleep 1998;21:501, an open trial of ten people",
    "ICSD-3": f"International Classification of Sleep Disorders, 3rd edition; {_READ}",
    "ILAE 2015": "International League Against Epilepsy 2015: 5 min of convulsion is an emergency",
    "Kerman 2011": f"Kerman, Electron J Stat 2011;5:1450-1470, neutral priors {_DOI}10.1214/11-EJS648",
    "Kumar 2023": "Kumar et al., Indian J Psychiatry 2023, hypnic jerks with antidepressants "
    f"{_DOI}10.4103/indianjpsychiatry.indianjpsychiatry_207_23",
    "Montini 2024": f"Montini et al., Sleep 2024, movements of healthy sleepers {_DOI}10.1093/sleep/zsae138",
    "NHS": "NHS, 'Twitching eyes and muscles', of twitches while awake; read in reprints "
    "https://www.nhs.uk/conditions/twitching-eyes-and-muscles/",
    "NICE NG127": "NICE guideline NG127, read through GPnotebook https://www.nice.org.uk/guidance/ng127",
    "Ohayon 2016": f"Ohayon 2016, 19,136 interviews {_PUBMED}27770066/",
    "Regensburg 2001": "A study from Regensburg, 2001: rhythmic feet movements, 7.5 % of 375 patients, runs of 10-15 s",
    "Sexton-Radek 2018": "Sexton-Radek 2018, a patient with treated hypothyroidism who felt 7 jerks a night "
    f"{_DOI}10.33805/2638-8073.114",
    "Skarpsno 2017": f"Skarpsno et al., Nat Sci Sleep 2017, position shifts {_DOI}10.2147/NSS.S145777",
    "Smith 2018": "Smith et al., J Clin Sleep Med 2018, p. 1231: AASM guideline on actigraphy",
    "Symonds 1953": f"Symonds 1953, nocturnal myoclonus; {_READ}",
    "Trotti 2009": "Trotti et al., Sleep Med 2009, 10-15 nights of ankle accelerometry in restless legs",
    "UEA Epilepsy": "UEA archive, Epilepsy: 137 pieces of 13 s at 16 Hz, mimicked seizures, sawing, running, walking",
    "van Hees 2014": f"van Hees et al., J Appl Physiol 2014, calibration {_DOI}10.1152/japplphysiol.00421.2014",
    "van Hees 2015": f"van Hees et al., PLoS ONE 2015, sustained inactivity {_DOI}10.1371/journal.pone.0142533",
    "van Hees 2018": f"van Hees et al., Sci Rep 2018, sleep period {_DOI}10.1038/s41598-018-31266-z",
    "WHARF": "Bruno, Mastrogiovanni & Sgorbissa, RO-MAN 2014 (wrists, 32 Hz: getting up, walking, brushing)",
    "Whitney & Weiss 2018": f"Whitney & Weiss 2018, review of hypnic jerks {_DOI}10.1007/s40675-018-0104-9",
    "Yang 2005": f"Yang et al., Biol Psychiatry 2005, antidepressants {_DOI}10.1016/j.biopsych.2005.04.022",
    "Yang 2010": "Yang & Winkelman, J Clin Sleep Med 2010, rhythmic leg movements: runs of 17.6 s on average "
    f"{_DOI}10.5664/jcsm.27931",
    "Zschocke 2019": f"Zschocke et al., PLoS ONE 2019, pulse waves at the wrist {_DOI}10.1371/journal.pone.0226843",
}


def address_of(short: str) -> str:
    """The address of a source; empty where none is known."""
    last = SOURCES.get(short, "").rpartition(" ")[2]
    return last if last.startswith("https://") else ""
