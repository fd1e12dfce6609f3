import QtQuick
import Sotto.Theme

// The surface of a card.
Rectangle {
    color: Theme.bg3
    radius: Theme.radiusCard
    border.color: Theme.line
}
