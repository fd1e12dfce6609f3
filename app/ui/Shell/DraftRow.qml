pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One way of guessing: chosen or not, or why it cannot be; what it gave in this session.
Item {
    id: root

    required property int index
    required property int kind
    required property string name
    required property string quantization
    required property double fileBytes
    required property string reason
    required property bool isChosen
    required property double keptPerStep
    required property double gain
    required property double speed
    required property string spokenText

    readonly property bool isRefused: kind === DraftModelList.Refused
    readonly property bool isMeasured: speed > 0

    signal chosen(int row)

    implicitHeight: Math.max(44, texts.implicitHeight + 14)

    Divider {
        width: parent.width
    }
    RowLayout {
        anchors.fill: parent
        spacing: 8

        RadioButton {
            id: choice
            objectName: "draft" + root.index
            visible: !root.isRefused
            checked: root.isChosen
            autoExclusive: false
            Accessible.name: root.spokenText
            onClicked: {
                checked = Qt.binding(() => root.isChosen);
                root.chosen(root.index);
            }
        }
        Icon {
            Layout.leftMargin: 6
            Layout.rightMargin: 6
            visible: root.isRefused
            name: "ban"
            size: 15
            color: Theme.warn
        }
        ColumnLayout {
            id: texts
            Layout.fillWidth: true
            spacing: 1
            RowLayout {
                Layout.fillWidth: true
                spacing: 8
                Label {
                    Layout.fillWidth: true
                    Layout.maximumWidth: Math.ceil(implicitWidth)
                    elide: Text.ElideRight
                    color: root.isRefused ? Theme.t3 : Theme.t1
                    text: root.name
                }
                Badge {
                    visible: root.quantization.length > 0
                    text: root.quantization
                }
                Item {
                    Layout.fillWidth: true
                }
            }
            Label {
                Layout.fillWidth: true
                visible: text.length > 0
                role: Theme.caption
                color: Theme.t3
                wrapMode: Text.Wrap
                text: root.isRefused ? root.reason : root.fileBytes > 0 ? Theme.format.fileSize(root.fileBytes) : ""
            }
        }
        ColumnLayout {
            visible: root.isMeasured
            spacing: 1
            Label {
                Layout.alignment: Qt.AlignRight
                text: Theme.format.speed(root.speed)
            }
            Label {
                Layout.alignment: Qt.AlignRight
                role: Theme.caption
                color: Theme.t2
                text: root.keptPerStep > 0 ? qsTr("%1 plain, %2 tokens per step").arg(Theme.format.factor(root.gain)).arg(Theme.format.fixed(root.keptPerStep, 1)) : qsTr("%1 plain").arg(Theme.format.factor(root.gain))
            }
        }
    }
    TapHandler {
        enabled: !root.isRefused
        onTapped: choice.clicked()
    }
}
