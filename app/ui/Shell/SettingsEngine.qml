import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The engine: device, KV cache, context, threads.
SettingGroup {
    id: root

    required property AppFacade app
    readonly property SettingsController settings: app.settings
    readonly property string deviceText: {
        const models = root.app.models;
        if (models.readBandwidth <= 0)
            return models.deviceName;
        const bandwidth = Theme.format.bandwidth(models.readBandwidth);
        return (models.isBandwidthMeasured ? qsTr("%1, reads %2") : qsTr("%1, reads %2 by its data sheet")).arg(models.deviceName).arg(bandwidth);
    }

    title: qsTr("Engine")

    SettingRow {
        isFirst: true
        title: qsTr("Device")
        detail: root.app.models.deviceProblem.length > 0 ? root.app.models.deviceProblem : (root.app.models.isRestartNeeded ? qsTr("%1. Another graphics card is used at the next start.") : qsTr("%1. A choice is used at the next load of a model.")).arg(root.deviceText)
        Select {
            isSmall: true
            name: qsTr("Device")
            model: root.app.models.deviceChoices
            chosenValue: root.settings.device
            onActivated: root.settings.device = currentValue
        }
    }
    SettingRow {
        title: qsTr("Give memory back when idle")
        detail: qsTr("The next question loads the model again, which takes as long as at the start.")
        Select {
            objectName: "idleMinutes"
            isSmall: true
            name: qsTr("Give memory back when idle")
            model: root.settings.idleChoices
            chosenValue: root.settings.idleMinutes
            onActivated: root.settings.idleMinutes = currentValue
        }
    }
    SettingRow {
        title: qsTr("KV cache type")
        detail: root.settings.kvTypeDetail
        Select {
            isSmall: true
            name: qsTr("KV cache type")
            model: root.settings.kvTypeChoices
            chosenValue: root.settings.kvType
            onActivated: root.settings.kvType = currentValue
        }
    }
    SettingRow {
        title: qsTr("Context length")
        detail: root.settings.contextTokens === 0 ? qsTr("The largest that fits, up to 32,768 tokens. Used at the next load.") : qsTr("Used at the next load of a model.")
        Select {
            isSmall: true
            name: qsTr("Context length")
            model: root.settings.contextChoices
            chosenValue: root.settings.contextTokens
            onActivated: root.settings.contextTokens = currentValue
        }
    }
    SettingRow {
        objectName: "forecastErrors"
        title: qsTr("Forecasts of speed")
        detail: root.app.speeds.modelCount > 0 ? qsTr("The last ones were off by ± %1 over %n model(s).", "", root.app.speeds.modelCount).arg(Theme.format.percent(root.app.speeds.errorShare)) : qsTr("How far they are off is told after an answer of at least 64 tokens.")
    }
    SettingRow {
        title: qsTr("Threads")
        detail: qsTr("Used at the next start. The text does not depend on it.")
        Select {
            isSmall: true
            name: qsTr("Threads")
            model: root.settings.threadChoices
            chosenValue: root.settings.threads
            onActivated: root.settings.threads = currentValue
        }
    }
}
