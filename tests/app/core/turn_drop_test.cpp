// Which turns leave a conversation that outgrows its context: held against what a reader would say
// of each, and, over many conversations, against the rules themselves.
#include "app/core/turn_drop.h"

#include <QTest>
#include <random>

using namespace sotto;
using namespace sotto::app;

namespace {

std::vector<SentMessage> conversation(const char* roles, const std::vector<int>& tokens) {
    std::vector<SentMessage> messages;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const char role = roles[at];
        messages.push_back({role == 's'   ? Role::System
                            : role == 'u' ? Role::User
                            : role == 't' ? Role::Tool
                                          : Role::Assistant,
                            tokens[at]});
    }
    return messages;
}

// A template that adds three tokens to each message, and seven to a conversation without a system
// message; each letter of a text is a token, thinking is left out.
Result<PromptDescription> describe(const ChatPrompt& chat) {
    PromptDescription prompt;
    std::int64_t first = 0;
    for (const ChatMessage& message : chat.messages) {
        PromptPart part;
        part.firstToken = first;
        const bool isAlone = first == 0 && message.role != Role::System;
        part.nTokens = std::ssize(message.content) + 3 + (isAlone ? 7 : 0);
        part.nThinkingLeftOut = std::ssize(message.thinking);
        first += part.nTokens;
        prompt.parts.push_back(part);
    }
    return prompt;
}

std::int64_t tokensOf(const ChatPrompt& chat) {
    std::int64_t nTokens = 0;
    const auto prompt = describe(chat);
    for (const PromptPart& part : prompt->parts) nTokens += part.nTokens;
    return nTokens;
}

ChatMessage said(Role role, std::size_t nTokens, std::size_t nThinking = 0) {
    return {role, std::string(nTokens, 'a'), std::string(nThinking, 'b'), {}};
}

}  // namespace

class TurnDropTest : public QObject {
    Q_OBJECT
private slots:
    void roomOf_isTheLongestAnswersWithinLimits() {
        QCOMPARE(roomOf(16384, 0).answerTokens, std::int64_t{256});
        QCOMPARE(roomOf(1024, 0).answerTokens, std::int64_t{128});
        QCOMPARE(roomOf(16384, 1182).answerTokens, std::int64_t{1182});
        QCOMPARE(roomOf(16384, 16000).answerTokens, std::int64_t{4096});
        QCOMPARE(roomOf(16384, 1182, 100).answerTokens, std::int64_t{100});
        QVERIFY(roomOf(16384, 1182).isOutgrownBy(15287));
        QVERIFY(!roomOf(16384, 1097).isOutgrownBy(15287));
    }

    void grownContext_doublesToWhatIsNeeded() {
        const TurnRoom room = roomOf(1024, 0);
        QCOMPARE(grownContext(room, 1000, 32768), std::int64_t{2048});
        QCOMPARE(grownContext(room, 5000, 32768), std::int64_t{8192});
        QCOMPARE(grownContext(room, 1000, 1500), std::int64_t{1500});  // as it was made for
        QCOMPARE(grownContext(room, 1000, 1024), std::int64_t{0});
        QCOMPARE(grownContext(room, 40000, 32768), std::int64_t{0});
    }

    void chooseTurns_data() {
        QTest::addColumn<QString>("roles");
        QTest::addColumn<QList<int>>("tokens");
        QTest::addColumn<int>("firstSent");
        QTest::addColumn<int>("nDropped");
        // Of a context of 1000 tokens, 125 of which are the answer's.
        QTest::newRow("fits") << "suau" << QList<int>{100, 300, 300, 175} << 1 << 0;
        QTest::newRow("one more token") << "suau" << QList<int>{100, 300, 300, 176} << 3 << 600;
        QTest::newRow("no system prompt") << "uau" << QList<int>{400, 300, 200} << 2 << 700;
        QTest::newRow("about half stays")
            << "suauauauau" << QList<int>{40, 80, 120, 80, 120, 80, 120, 80, 120, 80} << 5 << 400;
        QTest::newRow("a large turn is worth keeping when it fits")
            << "suauau" << QList<int>{60, 130, 200, 450, 70, 10} << 3 << 330;
        QTest::newRow("tools go with their question")
            << "sutatauau" << QList<int>{50, 100, 300, 50, 100, 50, 100, 150, 50} << 6 << 600;
        QTest::newRow("questions in a row are one turn")
            << "suuauau" << QList<int>{50, 300, 300, 100, 100, 50, 50} << 4 << 700;
        QTest::newRow("an answer that is carried on keeps its question")
            << "uaua" << QList<int>{500, 200, 100, 150} << 2 << 700;
        QTest::newRow("a greeting in front of the first question")
            << "saua" << QList<int>{50, 600, 200, 100} << 2 << 600;
        QTest::newRow("the last question finds little room, and is sent")
            << "uau" << QList<int>{300, 100, 800} << 2 << 400;
        QTest::newRow("one question that leaves little room")
            << "su" << QList<int>{75, 800} << 1 << 0;
    }
    void chooseTurns() {
        QFETCH(QString, roles);
        QFETCH(QList<int>, tokens);
        QFETCH(int, firstSent);
        QFETCH(int, nDropped);
        const auto messages = conversation(roles.toLatin1().constData(),
                                           std::vector<int>(tokens.begin(), tokens.end()));
        const auto drop = app::chooseTurns(messages, roomOf(1000, 0));
        QVERIFY2(drop, drop ? "" : drop.error().message.c_str());
        QCOMPARE(static_cast<int>(drop->firstSent), firstSent);
        QCOMPARE(static_cast<int>(drop->nDropped), nDropped);
        QCOMPARE(drop->isNone(), nDropped == 0);
    }

    void oneHugeLastQuestion_isRefusedWithTheNumbers() {
        for (const auto& messages : {conversation("u", {990}), conversation("su", {200, 700}),
                                     conversation("suau", {200, 10, 10, 700})}) {
            const auto drop = app::chooseTurns(messages, roomOf(1000, 0));
            QVERIFY(!drop);
            QCOMPARE(drop.error().code, ErrorCode::ContextFull);
            QCOMPARE(drop.error().available, std::uint64_t{1000});
            QVERIFY(drop.error().needed > 1000);
        }
    }

    void anyConversation_losesWholeTurnsAndThenFits() {
        std::mt19937 engine(1);
        const auto random = [&engine](int below) {
            return static_cast<std::int64_t>(engine()) % below;
        };
        int nDropped = 0;
        for (int round = 0; round < 2000; ++round) {
            std::vector<SentMessage> messages;
            if (random(2) == 0) messages.push_back({Role::System, 1 + random(80)});
            const std::size_t nSystem = messages.size();
            const int nTurns = 1 + static_cast<int>(random(12));
            for (int turn = 0; turn < nTurns; ++turn) {
                messages.push_back({Role::User, 1 + random(200)});
                if (turn + 1 == nTurns) break;
                if (random(4) == 0) messages.push_back({Role::Tool, 1 + random(100)});
                messages.push_back({Role::Assistant, 1 + random(300)});
            }
            const TurnRoom room = roomOf(1000, random(300));
            const auto drop = app::chooseTurns(messages, room);
            QVERIFY(drop);  // 80 + 200 + 125 fit
            std::int64_t nAll = 0, nSent = 0;
            for (std::size_t at = 0; at < messages.size(); ++at) {
                nAll += messages[at].nTokens;
                if (at < nSystem || at >= drop->firstSent) nSent += messages[at].nTokens;
            }
            QCOMPARE(drop->nSent, nSent);
            QCOMPARE(drop->nDropped, nAll - nSent);
            QCOMPARE(messages[drop->firstSent].role, Role::User);
            QVERIFY(drop->isNone() || room.isOutgrownBy(nAll));
            const bool isLastTurn = drop->firstSent + 1 == messages.size();
            QVERIFY(!room.isOutgrownBy(nSent) || isLastTurn);
            nDropped += drop->isNone() ? 0 : 1;
        }
        QVERIFY(nDropped > 500);
    }

    // What the template adds to what is left is counted too, and thinking that it leaves out is
    // not.
    void dropTurns_countsAgainWhatIsSent() {
        ChatPrompt chat;
        chat.messages = {said(Role::User, 480), said(Role::Assistant, 180, 5000),
                         said(Role::User, 100), said(Role::Assistant, 100, 5000),
                         said(Role::User, 50)};
        const TurnRoom room = roomOf(1000, 0);
        const auto drop = app::dropTurns(chat, room, describe);
        QVERIFY(drop);
        QCOMPARE(drop->firstSent, std::size_t{2});
        QCOMPARE(drop->nDropped, std::int64_t{480 + 180 + 2 * 3 + 7});
        const ChatPrompt sent = withoutTurns(chat, drop->firstSent);
        QCOMPARE(sent.messages.size(), std::size_t{3});
        QCOMPARE(tokensOf(sent), drop->nSent);
        QVERIFY(!room.isOutgrownBy(drop->nSent));
        // Once more on what is sent: nothing.
        QVERIFY(app::dropTurns(sent, room, describe)->isNone());
    }

    void dropTurns_whereTheRestGrows_dropsOn() {
        // Half of the tokens of the first question are the template's: they go to the next one.
        const auto heavy = [](const ChatPrompt& chat) -> Result<PromptDescription> {
            auto prompt = describe(chat);
            prompt->parts.front().nTokens += 400;
            return prompt;
        };
        ChatPrompt chat;
        chat.messages = {said(Role::User, 300), said(Role::Assistant, 100), said(Role::User, 300),
                         said(Role::Assistant, 190), said(Role::User, 20)};
        const TurnRoom room = roomOf(1000, 0);
        const auto drop = app::dropTurns(chat, room, heavy);
        QVERIFY(drop);
        QCOMPARE(drop->nMessages, std::size_t{4});
        QCOMPARE(withoutTurns(chat, drop->firstSent).messages.size(), std::size_t{1});
    }

    void dropTurns_tellsWhatCannotBeDescribed() {
        const auto drop =
            app::dropTurns({}, roomOf(1000, 0), [](const ChatPrompt&) -> Result<PromptDescription> {
                return fail(ErrorCode::BadTemplate, "No.");
            });
        QVERIFY(!drop);
        QCOMPARE(drop.error().code, ErrorCode::BadTemplate);
    }

    void withoutTurns_keepsTheSystemPrompt() {
        ChatPrompt chat;
        chat.messages = {said(Role::System, 1), said(Role::User, 2), said(Role::Assistant, 3),
                         said(Role::User, 4)};
        chat.isThinking = false;
        const ChatPrompt sent = withoutTurns(chat, 3);
        QCOMPARE(sent.messages.size(), std::size_t{2});
        QCOMPARE(sent.messages[0].role, Role::System);
        QCOMPARE(sent.messages[1].content.size(), std::size_t{4});
        QCOMPARE(sent.isThinking, std::optional(false));
        QCOMPARE(withoutTurns(chat, 1).messages.size(), std::size_t{4});
        QCOMPARE(withoutTurns(chat, 9).messages.size(), std::size_t{4});
    }
};

QTEST_GUILESS_MAIN(TurnDropTest)
#include "turn_drop_test.moc"
