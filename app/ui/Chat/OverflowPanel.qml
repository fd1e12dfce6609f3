pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Above the composer, where a chat outgrows its context: the ways on, each with what it costs. What was
// to be sent stays in the composer until one is taken.
FocusScope {
    id: root

    required property OverflowController overflow
    property real longestHeight: 10000

    // Whoever presses Enter twice has not read it yet.
    property bool isArmed: false

    readonly property bool isGrowing: overflow.state === OverflowController.Growing

    function takeFocus(): void {
        for (let row = 0; row < rows.count; ++row)
            if ((rows.itemAt(row) as OverflowChoice)?.checked)
                rows.itemAt(row).forceActiveFocus(Qt.TabFocusReason);
    }

    function acceptBy(event: KeyEvent): void {
        if (isArmed && !event.isAutoRepeat)
            overflow.accept();
    }

    function chooseNext(step: int): void {
        overflow.chooseNext(step);
        takeFocus();
    }

    implicitHeight: Math.min(longestHeight, column.implicitHeight + 30)
    Accessible.role: Accessible.Grouping
    Accessible.name: title.text

    Keys.onReturnPressed: event => acceptBy(event)
    Keys.onEnterPressed: event => acceptBy(event)
    Keys.onEscapePressed: overflow.dismiss()
    Keys.onUpPressed: chooseNext(-1)
    Keys.onDownPressed: chooseNext(1)

    Timer {
        interval: 400
        running: true
        onTriggered: root.isArmed = true
    }
    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusDialog
        color: Theme.bg3
        border.width: 1
        border.color: Theme.line2
    }
    Flickable {
        id: flick
        x: 18
        y: 16
        width: parent.width - 36
        height: parent.height - 30
        contentHeight: column.implicitHeight
        clip: contentHeight > height
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        ColumnLayout {
            id: column
            width: flick.width
            spacing: 8

            RowLayout {
                Layout.fillWidth: true
                Layout.bottomMargin: 4
                spacing: 12
                Rectangle {
                    Layout.alignment: Qt.AlignTop
                    Layout.topMargin: 2
                    implicitWidth: 32
                    implicitHeight: 32
                    radius: Theme.radiusControl
                    color: Theme.warnDim
                    Icon {
                        anchors.centerIn: parent
                        name: "layers"
                        size: 18
                        color: Theme.warn
                    }
                }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 2
                    Label {
                        id: title
                        Layout.fillWidth: true
                        role: Theme.h2
                        text: qsTr("This chat outgrows its context")
                    }
                    Label {
                        objectName: "overflowSentence"
                        Layout.fillWidth: true
                        color: Theme.t2
                        wrapMode: Text.Wrap
                        text: root.overflow.sentence
                    }
                }
            }
            Label {
                objectName: "overflowProblem"
                Layout.fillWidth: true
                visible: text.length > 0
                color: Theme.err
                wrapMode: Text.Wrap
                text: root.overflow.problem
            }
            Repeater {
                id: rows
                model: root.overflow.choices
                delegate: OverflowChoice {
                    required property var modelData
                    objectName: "overflowChoice" + modelData.way
                    Layout.fillWidth: true
                    choice: modelData
                    enabled: modelData.isOffered && !root.isGrowing
                    checked: root.overflow.chosen === modelData.way
                    onClicked: root.overflow.chosen = modelData.way
                }
            }
            RowLayout {
                Layout.fillWidth: true
                Layout.topMargin: 2
                spacing: 8
                Label {
                    Layout.fillWidth: true
                    role: Theme.caption
                    color: Theme.t3
                    wrapMode: Text.Wrap
                    text: root.isGrowing ? qsTr("The model is loaded with a longer context. Your message is sent then.") : qsTr("Asked once for this chat. Change it at the context meter.")
                }
                Button {
                    objectName: "overflowDismiss"
                    text: qsTr("Not now")
                    onClicked: root.overflow.dismiss()
                }
                Button {
                    objectName: "overflowAccept"
                    kind: Button.Primary
                    enabled: root.overflow.canAccept
                    text: root.overflow.acceptText
                    onClicked: root.overflow.accept()
                }
            }
        }
    }
}
