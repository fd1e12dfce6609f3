import QtQuick
import Sotto.Components

// Fewer than two models: what to do about it.
FocusScope {
    id: root

    property bool isOne: false

    signal modelsRequested

    function focusButton(): void {
        button.forceActiveFocus(Qt.OtherFocusReason);
    }

    EmptyState {
        anchors.centerIn: parent
        width: Math.min(440, parent.width - 48)
        iconName: "columns-3"
        title: root.isOne ? qsTr("A second model is needed") : qsTr("Two models are needed")
        text: root.isOne ? qsTr("Make a smaller one of the model that is here, by Quantize in its menu, or download another one. Then both answer one question side by side.") : qsTr("Download two, or one and make a smaller one of it. Then both answer one question side by side.")
        Button {
            id: button
            objectName: "compareToModels"
            focus: true
            kind: Button.Primary
            text: qsTr("Go to Models")
            onClicked: root.modelsRequested()
        }
    }
}
