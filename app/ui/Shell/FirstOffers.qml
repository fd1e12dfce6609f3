pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Three models of a hub that fit this computer, once a person asks for them; nothing is sent before.
ColumnLayout {
    id: root

    required property AppFacade app
    property int columns: 3

    readonly property FirstModelsController offers: app.firstModels

    spacing: 12

    RowLayout {
        Layout.fillWidth: true
        spacing: 8
        Label {
            role: Theme.h2
            text: qsTr("Models that fit")
            Accessible.role: Accessible.Heading
        }
        Label {
            Layout.fillWidth: true
            role: Theme.caption
            color: root.offers.problem.length > 0 ? Theme.err : Theme.t3
            wrapMode: Text.Wrap
            text: {
                if (root.offers.problem.length > 0)
                    return root.offers.problem;
                if (root.app.hub.isOffline)
                    return qsTr("Sotto is offline. The model that is here answers without a network.");
                if (root.offers.state === FirstModelsController.Offered)
                    return root.offers.offers.length > 0 ? qsTr("with %1 tokens of context").arg(Theme.format.count(root.offers.contextTokens)) : qsTr("None of the models that Sotto knows fits into the free memory.");
                return qsTr("Asks %1 for names, sizes and licences. Until then nothing is sent.").arg(root.app.hub.host);
            }
        }
        Spinner {
            visible: root.offers.state === FirstModelsController.Asking
            size: 14
        }
        Button {
            objectName: "showFirstModels"
            isSmall: true
            enabled: !root.app.hub.isOffline
            iconName: root.offers.state === FirstModelsController.Asking ? "x" : "search"
            text: root.offers.state === FirstModelsController.Asking ? qsTr("Stop") : root.offers.state === FirstModelsController.Idle ? qsTr("Show models that fit") : qsTr("Ask again")
            onClicked: {
                if (root.offers.state === FirstModelsController.Asking)
                    root.offers.stop();
                else
                    root.offers.ask();
            }
        }
    }
    GridLayout {
        Layout.fillWidth: true
        visible: root.offers.offers.length > 0
        columns: root.columns
        columnSpacing: 24
        rowSpacing: 16
        Repeater {
            model: root.offers.offers
            delegate: FirstOfferCard {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                onDownloadRequested: root.offers.download(index)
            }
        }
    }
}
