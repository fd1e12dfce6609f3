import QtQuick

ListModel {
    enum Kind {
        Paragraph,
        Heading,
        Code,
        Table,
        Quote,
        ListItem,
        Rule,
        Math
    }
    dynamicRoles: false
}
