pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Components

// How many answers are to be written: one more, or up to four side by side.
Menu {
    id: root

    property bool hasOne: true // else only several: one has an item of its own beside this menu
    property bool isLast: false
    property bool answersDiffer: true

    signal answersRequested(int nAnswers)

    component Several: MenuItem {
        required property int nAnswers

        isCheckable: true // its text stands where the others' do
        enabled: root.answersDiffer
        text: qsTr("Write %n answer(s)", "", nAnswers)
        onTriggered: root.answersRequested(nAnswers)
    }

    MenuItem {
        visible: root.hasOne
        iconName: "refresh-cw"
        text: qsTr("Write the answer again")
        keys: root.isLast ? "Ctrl+R" : ""
        onTriggered: root.answersRequested(1)
    }
    Several {
        nAnswers: 2
    }
    Several {
        nAnswers: 3
    }
    Several {
        nAnswers: 4
    }
    MenuItem {
        visible: !root.answersDiffer
        enabled: false
        isCheckable: true
        text: visible ? qsTr("At temperature 0 all would be the same") : ""
    }
}
