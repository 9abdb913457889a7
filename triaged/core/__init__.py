"""Decisions without effects: bytes and instants come in as arguments, values come out.

Three rooms, each named for the question it answers: `mail` (what arrived, from whom, may it be answered), `report`
(what it says: sections, scope) and `case` (what happened, what is promised, what is due).
"""
