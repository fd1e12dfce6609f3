import Sotto.App

// One page of the window: a command that shows it, and the file that draws it (a Page). A page that comes
// only under a condition binds `isThere`.
AppCommand {
    required property string name // stable, not shown
    required property url source
    property bool isKept: false // made once; the others are made whenever they come up
    property bool isAtEnd: false // at the lower end of the rail
    property bool isLive: false // something goes on there that one may want to see
}
