// Finding in a chat counts what is shown, word by word, and keeps its place while text comes.
#include "app/chat/find_hits.h"

#include <QSignalSpy>
#include <QtTest>

#include "app/chat/message.h"

using namespace sotto::app;

namespace {

Message message(qint64 id, MessageListModel::MessageRole role, const char* text) {
    Message made;
    made.id = id;
    made.role = role;
    made.text = QString::fromUtf8(text);
    return made;
}

}  // namespace

class FindHitsTest : public QObject {
    Q_OBJECT

private slots:
    void occurrences_areCountedWhereTheyStand() {
        MessageListModel messages;
        messages.reset(
            {message(1, MessageListModel::User, "Dough and dough"),
             message(2, MessageListModel::Assistant,
                     "Sticky **dou**gh.\n\n```\nint dough;\n```\n\n| a | b |\n|---|---|\n"
                     "| x | the dough |\n\n[link](https://dough.example/dough)")});
        FindHits hits;
        hits.setMessages(&messages);
        QSignalSpy found(&hits, &FindHits::found);
        hits.setNeedle("DOUGH");
        // Two in the question; emphasis does not hide the third; code; a cell; no address of a
        // link.
        QCOMPARE(hits.count(), 5);
        QCOMPARE(hits.position(), 5);
        QCOMPARE(found.size(), 1);
        QCOMPARE(hits.row(), 1);
        QCOMPARE(hits.block(), 2);
        QCOMPARE(hits.cell(), 3);
        QCOMPARE(hits.start(), 4);
        hits.step(-1);
        QCOMPARE(hits.block(), 1);
        QCOMPARE(hits.cell(), -1);
        QCOMPARE(hits.start(), 4);
        hits.step(-1);
        QCOMPARE(hits.block(), 0);
        QCOMPARE(hits.start(), 7);
        hits.step(-1);
        QCOMPARE(hits.row(), 0);
        QCOMPARE(hits.block(), -1);
        QCOMPARE(hits.start(), 10);
        hits.step(-1);
        QCOMPARE(hits.start(), 0);
        QCOMPARE(hits.position(), 1);
        hits.step(-1);  // around
        QCOMPARE(hits.position(), 5);
        hits.step(1);
        QCOMPARE(hits.position(), 1);
        QCOMPARE(found.size(), 7);
    }

    void nothingLookedForOrFound_isNoHit() {
        MessageListModel messages;
        messages.reset({message(1, MessageListModel::User, "Dough")});
        FindHits hits;
        hits.setMessages(&messages);
        for (const char* needle : {"", "  ", "yeast"}) {
            hits.setNeedle(needle);
            QCOMPARE(hits.count(), 0);
            QCOMPARE(hits.position(), 0);
            QCOMPARE(hits.row(), -1);
            hits.step(1);
            QCOMPARE(hits.position(), 0);
        }
    }

    void whatIsLookedAt_staysWhileTextComesAndGoes() {
        MessageListModel messages;
        messages.reset({message(1, MessageListModel::User, "Dough"),
                        message(2, MessageListModel::Assistant, "dough")});
        FindHits hits;
        hits.setMessages(&messages);
        hits.setNeedle("dough");
        hits.step(-1);
        QCOMPARE(hits.position(), 1);
        messages.replace(1, message(2, MessageListModel::Assistant, "dough and dough"));
        QCOMPARE(hits.count(), 3);
        QCOMPARE(hits.position(), 1);
        hits.step(-1);
        QCOMPARE(hits.position(), 3);
        messages.replace(1, message(2, MessageListModel::Assistant, "dough"));
        QCOMPARE(hits.count(), 2);
        QCOMPARE(hits.position(), 2);
        messages.append(message(3, MessageListModel::User, "dough"));
        QCOMPARE(hits.count(), 3);
        QCOMPARE(hits.position(), 2);
        messages.reset({});
        QCOMPARE(hits.count(), 0);
        QCOMPARE(hits.row(), -1);
    }
};

QTEST_GUILESS_MAIN(FindHitsTest)
#include "find_hits_test.moc"
