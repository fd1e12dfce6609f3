// Several answers to one question, written side by side into versions of one message.
#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/disk_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

FakeScript drivenScript() {
    FakeScript script;
    script.isDriven = true;
    return script;
}

// Five seconds of a word that says which answer it is of.
FakeScript slowAnswers() {
    FakeScript script = slowScript();
    script.answer = [](const GenerationRequest&, int nth) {
        return std::vector<FakeToken>(500, FakeToken{std::to_string(nth) + " ", {}});
    };
    return script;
}

RequestStats stats(std::int64_t nTokens) {
    RequestStats numbers;
    numbers.generatedTokens = nTokens;
    return numbers;
}

// A chat with a question and one answer; further answers have the ids 2, 3, 4, …
void talk(Program& program) {
    program.engine->change([](FakeScript& script) {
        script.isDriven = false;
        script.tokenDelay = {};
        script.answer = [](const GenerationRequest&, int) {
            return std::vector<FakeToken>{{"first", {}}};
        };
    });
    program.chat().send(QStringLiteral("go"));
    QTRY_VERIFY(program.isIdle() && program.rows() == 2);
    QTRY_COMPARE(program.stored().size(), std::size_t{2});
    QTRY_COMPARE(program.stored()[1].state, storage::MessageState::Done);
}

void talkAs(Program& program, const FakeScript& script) {
    talk(program);
    program.engine->change([script](FakeScript& changed) { changed = script; });
}

void write(Program& program, RequestId id, const char* text) {
    program.engine->write(text, TextKind::Answer, id);
}

// From the first to the last one, each as the window shows it and as storage has it.
std::vector<Message> versions(Program& program) {
    std::vector<Message> shown;
    while (program.row(1).versionIndex > 1) {
        const int index = program.row(1).versionIndex;
        program.chat().showVersion(1, -1);
        if (!QTest::qWaitFor([&] { return program.row(1).versionIndex == index - 1; })) return {};
    }
    while (true) {
        const auto isStored = [&program] {
            const auto stored = program.stored();
            return stored.size() > 1 && stored[1].id == program.row(1).id &&
                   QString::fromStdString(stored[1].content) == program.row(1).text;
        };
        if (!QTest::qWaitFor(isStored)) return {};
        shown.push_back(program.row(1));
        const int index = program.row(1).versionIndex;
        if (index == program.row(1).versionCount) return shown;
        program.chat().showVersion(1, 1);
        if (!QTest::qWaitFor([&] { return program.row(1).versionIndex == index + 1; })) return {};
    }
}

QStringList textsOf(const std::vector<Message>& messages) {
    QStringList texts;
    for (const Message& message : messages) texts.append(message.text);
    return texts;
}

}  // namespace

class SeveralAnswersTest : public QObject {
    Q_OBJECT

private slots:
    void several_areOneRequest_andVersionsWithTheFirstShown() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(3);
        QTRY_COMPARE(program.engine->requests().size(), std::size_t{2});
        QCOMPARE(program.engine->requests()[1].nAnswers, 3);
        QTRY_COMPARE(program.row(1).versionCount, 2);
        QCOMPARE(program.row(1).nWritten, 3);
        for (const RequestId id : {2, 3, 4}) write(program, id, "word");
        QTRY_COMPARE(program.row(1).versionCount, 4);
        QCOMPARE(program.row(1).versionIndex, 2);
        QCOMPARE(program.row(1).text, QStringLiteral("word"));
        QCOMPARE(program.rows(), 2);
        QVERIFY(program.chat().isBusy() && !program.chat().canChange());
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
    }

    void several_areSoManyAsTheWindowOffers() {
        Program program;
        talk(program);
        for (const int nAnswers : {-1, 0, 1, 2, 4, 99}) {
            const int nBefore = static_cast<int>(program.engine->requests().size());
            program.chat().regenerateAt(1, nAnswers);
            QTRY_VERIFY(program.isIdle());
            QCOMPARE(program.engine->requests().size(), static_cast<std::size_t>(nBefore + 1));
            QCOMPARE(program.engine->requests().back().nAnswers, std::clamp(nAnswers, 1, 4));
        }
        QTRY_COMPARE(program.row(1).versionCount, 1 + 1 + 1 + 1 + 2 + 4 + 4);
    }

    void eachEndsByItself() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(4);
        for (const RequestId id : {2, 3, 4, 5})
            write(program, id, ("text " + std::to_string(id)).c_str());
        QTRY_COMPARE(program.row(1).versionCount, 5);
        program.engine->finish(StopReason::EndOfText, stats(7), 2);
        QTRY_COMPARE(program.row(1).state, MessageListModel::Done);
        QCOMPARE(program.row(1).nWritten, 3);
        QVERIFY(program.chat().isBusy());
        program.engine->finish(StopReason::MaxTokens, stats(8), 4);
        program.engine->failAnswer({ErrorCode::OutOfMemory, "Full.", {}, 9, 4}, 3);
        QTRY_COMPARE(program.row(1).nWritten, 1);
        write(program, 5, " goes on");
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
        QCOMPARE(program.row(1).nWritten, 0);
        const std::vector<Message> all = versions(program);
        QCOMPARE(textsOf(all), (QStringList{QStringLiteral("first"), QStringLiteral("text 2"),
                                            QStringLiteral("text 3"), QStringLiteral("text 4"),
                                            QStringLiteral("text 5 goes on")}));
        QCOMPARE(all[1].state, MessageListModel::Done);
        QCOMPARE(all[1].stats.stopReason, QStringLiteral("endOfText"));
        QCOMPARE(all[1].stats.tokens, 7);
        QCOMPARE(all[2].state, MessageListModel::Failed);
        QCOMPARE(all[2].failure->code, ErrorCode::OutOfMemory);
        QCOMPARE(all[3].stats.stopReason, QStringLiteral("maxTokens"));
        QCOMPARE(all[3].stats.tokens, 8);
        QCOMPARE(all[4].state, MessageListModel::Stopped);
        QCOMPARE(all[4].stats.stopReason, QStringLiteral("cancelled"));
    }

    void turningToAVersion_whileTheyAreWritten_showsItsText() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(3);
        for (const RequestId id : {2, 3, 4}) write(program, id, std::to_string(id).c_str());
        QTRY_COMPARE(program.row(1).versionCount, 4);
        program.chat().showVersion(1, 1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("3"));
        QCOMPARE(program.row(1).state, MessageListModel::Writing);
        for (const RequestId id : {2, 3, 4}) write(program, id, " more");
        QTRY_COMPARE(program.row(1).text, QStringLiteral("3 more"));
        // What stood there before them, and back: nothing of it was lost meanwhile.
        program.chat().showVersion(1, -1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("2 more"));
        program.chat().showVersion(1, -1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("first"));
        QCOMPARE(program.row(1).nWritten, 3);
        QVERIFY(program.chat().isBusy());
        for (const RequestId id : {2, 3, 4}) write(program, id, " and more");
        program.engine->finish(StopReason::EndOfText, stats(3), 2);
        QTRY_COMPARE(program.row(1).nWritten, 2);
        QCOMPARE(program.row(1).text, QStringLiteral("first"));
        QCOMPARE(program.row(1).state, MessageListModel::Done);
        program.chat().showVersion(1, 1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("2 more and more"));
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
        // The choice stays, whatever ended.
        QTest::qWait(50);
        QCOMPARE(program.row(1).versionIndex, 2);
        QCOMPARE(program.row(1).nWritten, 0);
    }

    void anAnswerEnds_whileAnotherIsShown_andIsNotShownForIt() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(2);
        for (const RequestId id : {2, 3}) write(program, id, std::to_string(id).c_str());
        QTRY_COMPARE(program.row(1).versionCount, 3);
        program.chat().showVersion(1, 1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("3"));
        {
            // Its end is on its way when the path is read.
            Gate gate(*program.disk);
            program.engine->finish(StopReason::EndOfText, stats(3), 2);
            QTRY_COMPARE(program.row(1).nWritten, 1);
            program.chat().showVersion(1, 1);  // there is none behind it
        }
        QTest::qWait(50);
        QCOMPARE(program.row(1).text, QStringLiteral("3"));
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
    }

    void stop_endsAllOfThem_alsoThoseThatWait() {
        FakeScript script = slowAnswers();
        script.maxRunning = 2;
        Program program;
        talkAs(program, script);
        program.chat().regenerate(4);
        QTRY_VERIFY(program.row(1).versionCount == 3 && !program.row(1).text.isEmpty());
        QCOMPARE(program.row(1).nWritten, 4);
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
        // Those that had no word are nothing to come back to.
        const std::vector<Message> all = versions(program);
        QCOMPARE(all.size(), std::size_t{3});
        QVERIFY(all[1].text.startsWith(QLatin1String("2 ")));
        QVERIFY(all[2].text.startsWith(QLatin1String("3 ")));
        QCOMPARE(all[1].state, MessageListModel::Stopped);
        QCOMPARE(all[2].state, MessageListModel::Stopped);
    }

    void stop_beforeTheFirstWord_leavesOneVersion() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(4);
        program.engine->progress(0.5, 2);
        QTRY_COMPARE(program.chat().state(), ChatController::Reading);
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 2);
        QVERIFY(program.row(1).text.isEmpty());
        // Asked again, it is the first of them.
        const qint64 id = program.row(1).id;
        program.chat().regenerate(2);
        for (const RequestId answer : {6, 7}) write(program, answer, "word");
        QTRY_COMPARE(program.row(1).versionCount, 3);
        QCOMPARE(program.row(1).id, id);
        QCOMPARE(program.row(1).text, QStringLiteral("word"));
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
    }

    void oneCause_isToldOnce() {
        FakeScript script;
        script.generationError = Error{ErrorCode::ContextFull, "Too long.", {}, 9, 4};
        Program program;
        talkAs(program, script);
        program.chat().regenerate(4);
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 2);
        QCOMPARE(program.row(1).state, MessageListModel::Failed);
        QTest::qWait(50);
        QCOMPARE(program.row(1).versionCount, 2);
    }

    void oneCause_isToldAgain_whenTheyAreAskedForAgain() {
        Program program;
        talkAs(program, drivenScript());
        const Error full{ErrorCode::OutOfMemory, "Full.", {}, 9, 4};
        program.chat().regenerate(4);
        for (const RequestId id : {2, 3, 4, 5}) program.engine->failAnswer(full, id);
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 2);
        // The failed one is the first of the next four, of which one has no room.
        program.chat().regenerate(4);
        for (const RequestId id : {6, 7, 8}) write(program, id, std::to_string(id).c_str());
        program.engine->failAnswer(full, 9);
        for (const RequestId id : {6, 7, 8})
            program.engine->finish(StopReason::EndOfText, stats(1), id);
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 5);
        const std::vector<Message> all = versions(program);
        QCOMPARE(textsOf(all), (QStringList{QStringLiteral("first"), QStringLiteral("6"),
                                            QStringLiteral("7"), QStringLiteral("8"), QString()}));
        QCOMPARE(all.back().state, MessageListModel::Failed);
        QCOMPARE(all.back().failure->code, ErrorCode::OutOfMemory);
    }

    void fewerSeats_areTakenInTurn() {
        FakeScript script;
        script.maxRunning = 1;
        script.tokenDelay = std::chrono::milliseconds(1);
        Program program;
        talkAs(program, script);
        program.chat().regenerate(4);
        QTRY_VERIFY(program.isIdle());
        QStringList expected{QStringLiteral("first")};
        for (int nth = 2; nth <= 5; ++nth)
            expected.append(QStringLiteral("This is answer %1.").arg(nth));
        QTRY_COMPARE(program.row(1).versionCount, 5);
        QCOMPARE(textsOf(versions(program)), expected);
    }

    void seeds_areThoseBehindTheOneThatIsSet() {
        Program program;
        talk(program);
        program.chat().settings()->sampling()->setValue(QStringLiteral("seed"), 40);
        program.chat().regenerate(3);
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 4);
        QStringList seeds;
        for (const Message& message : versions(program)) seeds.append(message.stats.seed);
        QCOMPARE(seeds.mid(1),
                 (QStringList{QStringLiteral("40"), QStringLiteral("41"), QStringLiteral("42")}));
        QVERIFY(program.chat().answersDiffer());
        QSignalSpy told(&program.chat(), &ChatController::answersDifferChanged);
        program.chat().settings()->sampling()->setValue(QStringLiteral("temperature"), 0);
        QVERIFY(!program.chat().answersDiffer());
        QCOMPARE(told.count(), 1);
    }

    void contextAndReading_areThoseOfTheShownOne() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(2);
        program.engine->progress(0.25, 2);
        QTRY_COMPARE(program.chat().progress()->readTokens(), 250);
        QCOMPARE(program.chat().progress()->waitingFor(), AnswerProgress::Turn);
        program.engine->progress(1, 2);
        for (int token = 0; token < 5; ++token) write(program, 2, "a ");
        program.engine->progress(1, 3);
        write(program, 3, "b ");
        QTRY_COMPARE(program.chat().usedTokens(), 1005);
        QTRY_COMPARE(program.row(1).versionCount, 3);
        program.chat().showVersion(1, 1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("b "));
        write(program, 3, "b ");
        QTRY_COMPARE(program.chat().usedTokens(), 1002);
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
    }

    void paragraphs_areToldOfTheShownOne() {
        Program program;
        talkAs(program, drivenScript());
        QSignalSpy told(&program.chat(), &ChatController::paragraphFinished);
        program.chat().regenerate(2);
        for (const RequestId id : {2, 3}) write(program, id, id == 2 ? "One.\n\nTwo" : "A.\n\nB");
        QTRY_COMPARE(program.row(1).versionCount, 3);
        QTRY_COMPARE(told.count(), 1);
        QCOMPARE(told[0][0].toString(), QStringLiteral("One."));
        program.chat().showVersion(1, 1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("A.\n\nB"));
        write(program, 3, " c.\n\nD.\n\n");
        QTRY_COMPARE(program.row(1).text, QStringLiteral("A.\n\nB c.\n\nD.\n\n"));
        write(program, 3, "E.\n\n");
        QTRY_COMPARE(told.last()[0].toString(), QStringLiteral("E."));
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
    }

    void state_isTold_alsoOfAnswersThatAreNotShown() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(2);
        for (const RequestId id : {2, 3}) write(program, id, "word");
        QTRY_COMPARE(program.row(1).versionCount, 3);
        program.chat().showVersion(1, -1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("first"));
        QTest::qWait(50);
        auto told = program.chat().state();
        connect(&program.chat(), &ChatController::stateChanged, this,
                [&told, &program] { told = program.chat().state(); });
        QCOMPARE(told, ChatController::Writing);
        program.engine->write("hm", TextKind::Thinking, 2);
        QTRY_COMPARE(told, ChatController::Thinking);
        // The next one's counts, once this one has ended.
        program.engine->finish(StopReason::EndOfText, stats(2), 2);
        QTRY_COMPARE(told, ChatController::Writing);
        program.chat().stop();
        QTRY_COMPARE(told, ChatController::Idle);
        disconnect(&program.chat(), nullptr, this, nullptr);
    }

    void anotherChat_whileTheyAreWritten_disturbsNone() {
        Program program;
        talkAs(program, drivenScript());
        program.chat().regenerate(3);
        for (const RequestId id : {2, 3, 4}) write(program, id, std::to_string(id).c_str());
        QTRY_COMPARE(program.row(1).versionCount, 4);
        const qint64 chatId = program.chat().chatId();
        program.chats().newChat();
        for (const RequestId id : {2, 3, 4}) write(program, id, " more");
        program.engine->finish(StopReason::EndOfText, stats(2), 3);
        QTest::qWait(50);
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 2);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("2 more"));
        QCOMPARE(program.row(1).nWritten, 2);
        QVERIFY(program.chat().isBusy());
        program.engine->finish(StopReason::EndOfText, stats(2), 2);
        program.engine->finish(StopReason::EndOfText, stats(2), 4);
        QTRY_VERIFY(program.isIdle());
        QCOMPARE(textsOf(versions(program)),
                 (QStringList{QStringLiteral("first"), QStringLiteral("2 more"),
                              QStringLiteral("3 more"), QStringLiteral("4 more")}));
    }

    void temporaryChat_hasThemToo_andTakesThemAlong() {
        Program program;
        program.chats().newTemporaryChat();
        talkAs(program, drivenScript());
        program.chat().regenerate(2);
        for (const RequestId id : {2, 3}) write(program, id, std::to_string(id).c_str());
        QTRY_COMPARE(program.row(1).versionCount, 3);
        program.chats().newChat();
        QTRY_VERIFY(!program.engine->snapshot().isGenerating);
        QVERIFY(program.isIdle());
    }

    void oneOfThem_isRemovedAndComesBack() {
        Program program;
        talk(program);
        program.chat().regenerate(3);
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 4);
        const qint64 id = program.row(1).id;
        program.chat().removeMessage(1);
        QTRY_COMPARE(program.row(1).versionCount, 3);
        program.chats().undo();
        QTRY_COMPARE(program.row(1).versionCount, 4);
        QTRY_COMPARE(program.row(1).id, id);
    }

    void kill_inTheMiddle_keepsAllOfThem() {
        QTemporaryDir next;
        qint64 chatId = 0;
        {
            DiskProgram disk;
            Program& program = disk;
            talkAs(program, slowAnswers());
            program.chat().regenerate(3);
            QTRY_VERIFY(program.row(1).versionCount == 4 && program.row(1).text.size() > 20);
            chatId = program.chat().chatId();
            QVERIFY(disk.copyTo(next));
            program.chat().stop();
            QTRY_VERIFY(program.isIdle());
        }
        FailingVfs vfs("after-the-kill");
        Program program({}, true, DiskProgram::options(next, vfs));
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 2);
        QCOMPARE(program.row(1).versionIndex, 2);
        const std::vector<Message> all = versions(program);
        QCOMPARE(all.size(), std::size_t{4});
        for (std::size_t index = 1; index < all.size(); ++index) {
            QCOMPARE(all[index].state, MessageListModel::Stopped);
            QVERIFY(all[index].text.startsWith(QString::number(index + 1)));
            QVERIFY(all[index].stats.stopReason.isEmpty());  // nobody's: it was interrupted
        }
    }

    void fullDisk_keepsAllOfThem() {
        DiskProgram disk;
        Program& program = disk;
        talkAs(program, drivenScript());
        disk.fill();
        program.chat().regenerate(3);
        for (const RequestId id : {2, 3, 4}) write(program, id, std::to_string(id).c_str());
        QTRY_COMPARE(program.row(1).text, QStringLiteral("2"));
        for (const RequestId id : {3, 2, 4})
            program.engine->finish(StopReason::EndOfText, stats(1), id);
        QTRY_VERIFY(program.isIdle());
        QTRY_COMPARE(program.row(1).versionCount, 4);
        QCOMPARE(program.row(1).text, QStringLiteral("2"));
        disk.heal();
        QTRY_COMPARE(program.disk->unsavedBytes(), std::int64_t{0});
        QCOMPARE(textsOf(versions(program)),
                 (QStringList{QStringLiteral("first"), QStringLiteral("2"), QStringLiteral("3"),
                              QStringLiteral("4")}));
    }

    void diskFullForAMoment_theFirstHasItsPlaceWithTheNextOne() {
        DiskProgram disk;
        Program& program = disk;
        talkAs(program, drivenScript());
        disk.fill();
        program.chat().regenerate(3);
        static_cast<void>(program.disk->call([](storage::Database&) { return Status(); }));
        disk.vfs.heal();
        QCOMPARE(program.stored()[1].content, std::string("first"));
        write(program, 2, "2");
        QTRY_COMPARE(program.row(1).text, QStringLiteral("2"));
        for (const RequestId id : {3, 4}) write(program, id, std::to_string(id).c_str());
        QTRY_COMPARE(program.row(1).versionCount, 4);
        QCOMPARE(program.row(1).versionIndex, 2);
        QCOMPARE(program.row(1).text, QStringLiteral("2"));
        // Its end does not take the choice of another one away.
        program.chat().showVersion(1, 1);
        QTRY_COMPARE(program.row(1).text, QStringLiteral("3"));
        write(program, 2, " more");
        program.engine->finish(StopReason::EndOfText, stats(2), 2);
        QTRY_COMPARE(program.row(1).nWritten, 2);
        QTest::qWait(50);
        QCOMPARE(program.row(1).text, QStringLiteral("3"));
        program.chat().stop();
        QTRY_VERIFY(program.isIdle());
        QCOMPARE(textsOf(versions(program)),
                 (QStringList{QStringLiteral("first"), QStringLiteral("2 more"),
                              QStringLiteral("3"), QStringLiteral("4")}));
    }
};

QTEST_MAIN(SeveralAnswersTest)
#include "several_answers_test.moc"
