import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One mix: its size, what it would take of the memory, how fast it would be and what it would cost, each on
// the scale that all rows share. A click chooses it.
T.ItemDelegate {
    id: root

    required property int index
    required property string type
    required property bool canBeMade
    required property string refusal
    required property double fileBytes
    required property double bitsPerWeight
    required property bool hasForecast
    required property double weightsBytes
    required property double kvBytes
    required property double scratchBytes
    required property double memoryScale
    required property double availableBytes
    required property bool isOver
    required property bool isTight
    required property string memoryText
    required property string forecastNote
    required property double predictedSpeed
    required property bool isAtLeast
    required property double speedLimit
    required property double speedShare
    required property double limitShare
    required property double divergence
    required property double divergenceShare
    required property bool isDivergenceMeasured
    required property double measuredSpeed
    required property bool isSuggested
    required property bool isInstalled
    required property string spokenText
    required property MixColumns columns
    property bool isChosen: false
    property bool hasRing: false // the keyboard is here

    implicitHeight: 34
    enabled: canBeMade
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: type
    checked: isChosen
    Accessible.role: Accessible.RadioButton
    Accessible.name: spokenText
    Accessible.checked: isChosen

    contentItem: Item {
        Rectangle {
            x: 12
            anchors.verticalCenter: parent.verticalCenter
            width: 16
            height: 16
            radius: 8
            color: "transparent"
            border.width: 1.5
            border.color: !root.canBeMade ? Theme.t4 : root.isChosen ? Theme.measured : root.hovered ? Theme.t1 : Theme.t3
            Rectangle {
                anchors.centerIn: parent
                width: 8
                height: 8
                radius: 4
                visible: root.isChosen
                color: Theme.measured
            }
        }
        Row {
            x: 40
            anchors.verticalCenter: parent.verticalCenter
            spacing: 8
            Label {
                role: Theme.code
                color: root.canBeMade ? Theme.t1 : Theme.t3
                text: root.type
                Accessible.ignored: true
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                role: Theme.caption
                color: root.isSuggested ? Theme.measured : Theme.t3
                text: root.isSuggested ? qsTr("suggested") : root.isInstalled ? qsTr("installed") : ""
                Accessible.ignored: true
            }
        }
        Label {
            x: root.columns.bits
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - 12
            visible: !root.canBeMade
            role: Theme.caption
            color: Theme.t3
            elide: Text.ElideRight
            text: root.refusal
            Accessible.ignored: true
        }
        Item {
            anchors.fill: parent
            visible: root.canBeMade

            Label {
                x: root.columns.bits
                anchors.verticalCenter: parent.verticalCenter
                color: Theme.t2
                text: Theme.format.fixed(root.bitsPerWeight, 2)
                Accessible.ignored: true
            }
            Label {
                x: root.columns.size
                anchors.verticalCenter: parent.verticalCenter
                text: Theme.format.fileSize(root.fileBytes)
                Accessible.ignored: true
            }
            MixFigures {
                anchors.fill: parent
                columns: root.columns
                hasForecast: root.hasForecast
                weightsBytes: root.weightsBytes
                kvBytes: root.kvBytes
                scratchBytes: root.scratchBytes
                memoryScale: root.memoryScale
                availableBytes: root.availableBytes
                isOver: root.isOver
                isTight: root.isTight
                memoryText: root.memoryText
                forecastNote: root.forecastNote
                predictedSpeed: root.predictedSpeed
                isAtLeast: root.isAtLeast
                speedLimit: root.speedLimit
                speedShare: root.speedShare
                limitShare: root.limitShare
                divergence: root.divergence
                divergenceShare: root.divergenceShare
                isDivergenceMeasured: root.isDivergenceMeasured
                measuredSpeed: root.measuredSpeed
                spokenText: root.spokenText
                isChosen: root.isChosen
            }
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.isChosen ? Theme.measuredDim : root.hovered ? Theme.bg4 : "transparent"
        FocusRing {
            isInside: true
            visible: root.hasRing
        }
    }
}
