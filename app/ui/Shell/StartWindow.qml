import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.System
import Sotto.Theme

// Instead of the window while the database cannot be opened. The settings lie in it, so theme and language
// are the system's.
T.ApplicationWindow {
    id: root

    required property RescueController rescue
    required property string version
    property bool isDark: true
    property string language: "system"

    width: 1440
    height: 900
    minimumWidth: 960
    minimumHeight: 600
    title: "Sotto"
    color: Theme.bg1
    onClosing: root.rescue.quit()

    Translation {
        id: translation
        setting: root.language
    }
    Binding {
        target: Theme
        property: "isDark"
        value: root.isDark
    }
    Binding {
        target: Theme
        property: "language"
        value: translation.current
    }

    DamagedCard {
        anchors.centerIn: parent
        visible: root.rescue.step === RescueController.Inspecting || root.rescue.step === RescueController.Damaged
        rescue: root.rescue
    }
    ReadingCard {
        anchors.centerIn: parent
        visible: root.rescue.step === RescueController.Reading
        rescue: root.rescue
    }
    ResultCard {
        anchors.centerIn: parent
        visible: root.rescue.step === RescueController.Result
        rescue: root.rescue
    }
    UnopenedCard {
        anchors.centerIn: parent
        visible: root.rescue.step === RescueController.Newer || root.rescue.step === RescueController.Locked
        rescue: root.rescue
        version: root.version
    }
}
