pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One model of a comparison: which, how fast, what it answers, and how that stands to the reference.
FocusScope {
    id: root

    required property CompareController compare
    required property ForcedAnswers forced
    required property int index
    required property string name
    required property string quantization
    required property string path
    required property double fileBytes
    required property bool isReference
    required property int columnState
    required property double progress
    required property double speed
    required property double speedLimit
    required property double mbu
    required property double bandwidth
    required property double memoryBytes
    required property bool isOnCard
    required property string detail
    required property int tokenCount
    required property string answer
    required property int commonLength
    required property var mark
    required property var changes
    required property bool hasDifference
    required property string foot
    required property string problem
    required property string forcedText
    required property int forcedCount
    required property bool isMarked
    required property var otherWays

    readonly property bool isAtWork: columnState === CompareColumnModel.Loading || columnState === CompareColumnModel.Reading || columnState === CompareColumnModel.Writing
    readonly property bool isWaiting: columnState === CompareColumnModel.Waiting || columnState === CompareColumnModel.Loading || columnState === CompareColumnModel.Reading

    // With the whole answer.
    implicitHeight: body.implicitHeight + answerView.contentHeight
    Accessible.role: Accessible.Grouping
    Accessible.name: name + " " + quantization

    Card {
        anchors.fill: parent
    }
    ColumnLayout {
        id: body
        anchors.fill: parent
        spacing: 0

        RowLayout {
            Layout.topMargin: 12
            Layout.minimumHeight: 28
            Layout.leftMargin: 20
            Layout.rightMargin: 12
            spacing: 8
            Label {
                Layout.maximumWidth: root.width - 240
                role: Theme.h2
                elide: Text.ElideRight
                text: root.name
            }
            Badge {
                visible: text.length > 0
                kind: Badge.Loaded
                text: root.quantization
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: root.fileBytes > 0 ? Theme.format.fileSize(root.fileBytes) : ""
            }
            Label {
                visible: root.isReference
                role: Theme.caption
                color: Theme.t3
                text: qsTr("reference")
            }
            IconButton {
                objectName: "stopColumn"
                visible: root.compare.isRunning && (root.isAtWork || root.columnState === CompareColumnModel.Waiting)
                iconName: "square"
                text: qsTr("Stop this column")
                onClicked: root.compare.stopColumn(root.index)
            }
            IconButton {
                id: choose
                objectName: "chooseModel"
                visible: !root.compare.isRunning
                iconName: "chevrons-up-down"
                text: qsTr("Choose the model")
                isOpen: menu.opened
                onClicked: menu.openAt(choose)

                ModelMenu {
                    id: menu
                    choices: root.compare.choices
                    current: root.path
                    onChosen: path => root.compare.setModel(root.index, path)
                }
            }
            IconButton {
                objectName: "removeColumn"
                visible: !root.compare.isRunning && root.compare.columns.count > 2
                iconName: "x"
                text: qsTr("Remove this column")
                onClicked: root.compare.removeColumn(root.index)
            }
        }
        ColumnFigures {
            Layout.fillWidth: true
            Layout.topMargin: 4
            Layout.leftMargin: 20
            Layout.rightMargin: 20
            Layout.bottomMargin: 12
            speed: root.speed
            speedLimit: root.speedLimit
            mbu: root.mbu
            bandwidth: root.bandwidth
            memoryBytes: root.memoryBytes
            isOnCard: root.isOnCard
            detail: root.detail
        }
        Divider {
            Layout.fillWidth: true
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            ColumnAnswer {
                id: answerView
                anchors.fill: parent
                visible: root.answer.length > 0
                name: root.name + " " + root.quantization
                answer: root.answer
                commonLength: root.commonLength
                mark: root.mark
                changes: root.changes
                otherWays: root.otherWays
                foot: root.foot
                isWriting: root.columnState === CompareColumnModel.Writing
            }
            ColumnWaiting {
                anchors.centerIn: parent
                width: parent.width - 40
                visible: root.answer.length === 0 && root.isWaiting
                columnState: root.columnState
                progress: root.progress
            }
            ErrorCard {
                anchors.bottom: root.answer.length > 0 ? parent.bottom : undefined
                anchors.bottomMargin: 12
                anchors.verticalCenter: root.answer.length > 0 ? undefined : parent.verticalCenter
                x: 12
                width: parent.width - 24
                visible: root.problem.length > 0
                text: root.problem
            }
        }
        Divider {
            Layout.fillWidth: true
            visible: footRow.visible
        }
        RowLayout {
            id: footRow
            Layout.fillWidth: true
            Layout.minimumHeight: 40
            Layout.maximumHeight: 40
            Layout.leftMargin: 20
            Layout.rightMargin: 20
            visible: root.columnState !== CompareColumnModel.Idle
            spacing: 8
            Icon {
                visible: root.hasDifference
                name: "split"
                size: 15
                color: Theme.diff
            }
            Item {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Label {
                    objectName: "columnFoot"
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width
                    role: Theme.caption
                    color: root.hasDifference ? Theme.t2 : Theme.t3
                    wrapMode: Text.Wrap
                    maximumLineCount: 2
                    elide: Text.ElideRight
                    text: root.foot
                }
            }
            Label {
                visible: root.columnState === CompareColumnModel.Stopped
                role: Theme.caption
                color: Theme.t3
                text: qsTr("stopped")
            }
            Label {
                visible: root.tokenCount > 0
                role: Theme.caption
                color: Theme.t3
                text: Theme.format.tokens(root.tokenCount)
            }
        }
        ForcedRow {
            Layout.fillWidth: true
            Layout.topMargin: -4
            Layout.leftMargin: 20
            Layout.rightMargin: 12
            Layout.bottomMargin: 6
            visible: !root.isReference && root.compare.hasAnswers && root.tokenCount > 0
            compare: root.compare
            forced: root.forced
            column: root.index
            forcedText: root.forcedText
            forcedCount: root.forcedCount
            isMarked: root.isMarked
        }
    }
}
