<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
    <context>
        <name>BinBar</name>
        <message numerus="yes">
            <source>%n message(s), %1.</source>
            <translation>
                <numerusform>%n message, %1.</numerusform>
                <numerusform>%n messages, %1.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinDialog</name>
        <message numerus="yes">
            <source>%n chat(s) go for good, with all their messages. They cannot be brought back.</source>
            <translation>
                <numerusform>%n chat goes for good, with all its messages. It cannot be brought back.</numerusform>
                <numerusform>%n chats go for good, with all their messages. They cannot be brought back.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinEntry</name>
        <message numerus="yes">
            <source>Bin, %n chat(s)</source>
            <translation>
                <numerusform>Bin, %n chat</numerusform>
                <numerusform>Bin, %n chats</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinList</name>
        <message numerus="yes">
            <source>%n chat(s)</source>
            <translation>
                <numerusform>%n chat</numerusform>
                <numerusform>%n chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Chats here are deleted for good after %n day(s).</source>
            <translation>
                <numerusform>Chats here are deleted for good after %n day.</numerusform>
                <numerusform>Chats here are deleted for good after %n days.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinRow</name>
        <message numerus="yes">
            <source>%1, %n day(s) left</source>
            <translation>
                <numerusform>%1, %n day left</numerusform>
                <numerusform>%1, %n days left</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>DamagedCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s)</source>
            <translation>
                <numerusform>%1 of %n chat</numerusform>
                <numerusform>%1 of %n chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n chat(s)</source>
            <translation>
                <numerusform>%n chat</numerusform>
                <numerusform>%n chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Read %n chat(s)</source>
            <translation>
                <numerusform>Read %n chat</numerusform>
                <numerusform>Read %n chats</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ReadingCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s)</source>
            <translation>
                <numerusform>%1 of %n chat</numerusform>
                <numerusform>%1 of %n chats</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ResultCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s) are back</source>
            <translation>
                <numerusform>%1 of %n chat is back</numerusform>
                <numerusform>%1 of %n chats are back</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %n message(s)</source>
            <translation>
                <numerusform>%1 of %n message</numerusform>
                <numerusform>%1 of %n messages</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>SettingChoices</name>
        <message numerus="yes">
            <source>After %n day(s)</source>
            <translation>
                <numerusform>After %n day</numerusform>
                <numerusform>After %n days</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>TableBlock</name>
        <message numerus="yes">
            <source>Table with %n rows</source>
            <translation>
                <numerusform>Table with %n row</numerusform>
                <numerusform>Table with %n rows</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ChatListModel</name>
        <message numerus="yes">
            <source>Folder “%1” deleted. Its %n chat(s) are kept below, by date.</source>
            <translation>
                <numerusform>Folder “%1” deleted. Its %n chat is kept below, by date.</numerusform>
                <numerusform>Folder “%1” deleted. Its %n chats are kept below, by date.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ModelController</name>
        <message numerus="yes">
            <source>%n core(s), %1</source>
            <translation>
                <numerusform>%n core, %1</numerusform>
                <numerusform>%n cores, %1</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n multiprocessor(s), %1</source>
            <translation>
                <numerusform>%n multiprocessor, %1</numerusform>
                <numerusform>%n multiprocessors, %1</numerusform>
            </translation>
        </message>
    </context>
</TS>
