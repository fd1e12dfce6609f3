import QtQuick

// One thing the window can do: its words, its keys, and what happens. Shortcuts, the command search and
// the list of keys are all made from these.
QtObject {
    property string text
    property string group // heading in the list of keys; empty: the view's
    property string iconName: "chevron-right"
    property string keys // "Ctrl+N"; several: "Ctrl++, Ctrl+="
    property bool isThere: true // false: nothing in the window knows of it
    property bool enabled: isThere
    property bool isListed: true // in the command search

    signal triggered
}
