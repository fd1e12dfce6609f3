import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How all columns draw their tokens, and how many.
Popup {
    id: root

    required property CompareController compare

    padding: 16
    focus: true
    onOpened: mode.forceActiveFocus(Qt.TabFocusReason)

    contentItem: ColumnLayout {
        spacing: 12

        SegmentedControl {
            id: mode
            objectName: "compareMode"
            focus: true
            name: qsTr("How tokens are chosen")
            model: [{
                    "text": qsTr("Greedy"),
                    "value": true
                }, {
                    "text": qsTr("As set in Settings"),
                    "value": false
                }]
            currentValue: root.compare.isGreedy
            onActivated: value => root.compare.isGreedy = value
        }
        Label {
            Layout.preferredWidth: mode.implicitWidth
            role: Theme.caption
            color: Theme.t3
            wrapMode: Text.Wrap
            text: root.compare.isGreedy ? qsTr("Always the likeliest token: what differs is the models' own.") : qsTr("Drawn with the same seed in all columns.")
        }
        RowLayout {
            spacing: 8
            Label {
                Layout.fillWidth: true
                text: qsTr("At most")
                Accessible.ignored: true
            }
            Select {
                objectName: "compareTokens"
                isSmall: true
                implicitWidth: 140
                name: qsTr("Most tokens of an answer")
                model: root.compare.tokenChoices
                chosenValue: root.compare.maxTokens
                onActivated: root.compare.maxTokens = currentValue
            }
        }
        RowLayout {
            visible: !root.compare.isGreedy
            spacing: 8
            Label {
                Layout.fillWidth: true
                text: qsTr("Seed")
                Accessible.ignored: true
            }
            NumberField {
                implicitWidth: 140
                name: qsTr("Seed")
                inputMethodHints: Qt.ImhDigitsOnly
                validator: IntValidator {
                    bottom: 0
                }
                shownText: String(root.compare.seed)
                onTyped: text => root.compare.seed = Number(text)
            }
        }
    }
}
