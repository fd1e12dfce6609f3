import QtQuick
import Sotto.Shell

// A page that the program does not have, for tst_shell.qml.
Page {
    objectName: "extraPage"
}
