import QtQuick

ListModel {
    id: root

    property string query
    property bool isSearching: false

    onQueryChanged: {
        clear();
        if (query.startsWith("land"))
            append({
                chatId: 12,
                messageId: 120,
                title: "Letter to the landlord",
                snippet: "Dear <b>land</b>lord, the heating has been off since Monday",
                time: new Date(2026, 10, 12)
            });
    }
}
