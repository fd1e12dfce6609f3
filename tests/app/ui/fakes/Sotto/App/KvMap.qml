import QtQuick

Item {
    property int total
    property int used
    property color usedColor
    property color freeColor
}
