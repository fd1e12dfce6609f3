pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// A new chat: a greeting and a few questions to begin with.
ColumnLayout {
    id: root

    property bool isTemporary: false
    property bool isDemo: false
    property bool canAsk: true
    property var suggestions: [] // rows of {text, question}

    signal asked(string text)

    spacing: 0

    Label {
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        role: Theme.display
        wrapMode: Text.Wrap
        text: root.isTemporary ? qsTr("A temporary chat") : qsTr("What is on your mind?")
    }
    Label {
        Layout.fillWidth: true
        Layout.topMargin: 8
        horizontalAlignment: Text.AlignHCenter
        role: Theme.read
        color: Theme.t2
        wrapMode: Text.Wrap
        text: root.isTemporary ? qsTr("It is kept in memory only and is gone when you leave it or close Sotto.") : root.isDemo ? qsTr("The built-in demo is a very small model: it understands simple English and knows Sotto, simple facts and short stories. Load a model of your own for real work.") : qsTr("Everything you write stays on this computer.")
    }
    GridLayout {
        Layout.alignment: Qt.AlignHCenter
        Layout.topMargin: 28
        Layout.maximumWidth: 560
        columns: 2
        columnSpacing: 8
        rowSpacing: 8
        Repeater {
            model: root.suggestions
            delegate: Button {
                required property var modelData
                Layout.fillWidth: true
                text: modelData.text
                enabled: root.canAsk
                textColor: Theme.t2
                onClicked: root.asked(modelData.question)
            }
        }
    }
}
