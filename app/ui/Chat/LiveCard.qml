import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How the graphics card is: power, temperature, clock, and what slows it down.
LiveSection {
    id: root

    required property LiveStats live

    visible: live.hasCard
    height: visible ? implicitHeight : 0

    Label {
        width: parent.width
        bottomPadding: 8
        role: Theme.caption
        color: Theme.t3
        elide: Text.ElideRight
        text: root.live.cardName
    }
    Row {
        width: parent.width
        spacing: 8
        LiveFigure {
            width: (parent.width - 16) / 3
            name: qsTr("Power")
            value: root.live.powerWatts > 0 ? Theme.format.count(root.live.powerWatts) : ""
            unit: root.live.powerLimitWatts > 0 ? qsTr("of %1 W").arg(Theme.format.count(root.live.powerLimitWatts)) : qsTr("W")
            provenance: qsTr("What the card draws, against the limit that its driver enforces.")
        }
        LiveFigure {
            width: (parent.width - 16) / 3
            name: qsTr("Temperature")
            value: root.live.temperature > 0 ? Theme.format.count(root.live.temperature) : ""
            unit: qsTr("°C")
            provenance: qsTr("Of the card's processor, as its driver reports it.")
        }
        LiveFigure {
            width: (parent.width - 16) / 3
            name: qsTr("Clock")
            value: root.live.clockMhz > 0 ? Theme.format.count(root.live.clockMhz) : ""
            unit: qsTr("MHz")
            provenance: root.live.clockMaxMhz > 0 ? qsTr("Of the card's processor now; it can run at %1 MHz. Its memory runs at %2 MHz.").arg(Theme.format.count(root.live.clockMaxMhz)).arg(Theme.format.count(root.live.memoryClockMhz)) : qsTr("Of the card's processor now.")
        }
    }
    Label {
        width: parent.width
        visible: root.live.slowdown.length > 0
        topPadding: 8
        role: Theme.caption
        color: Theme.limit
        wrapMode: Text.Wrap
        text: qsTr("Slowed down: %1").arg(root.live.slowdown)
    }
}
