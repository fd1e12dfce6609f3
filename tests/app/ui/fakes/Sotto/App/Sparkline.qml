import QtQuick

Item {
    property var values: []
    property double limit
    property color lineColor
    property color limitColor
    property color baseColor
    property bool isLive
}
