// The bin over a database in memory: what is deleted can be brought back, in any order, and goes
// for good only when it is told to or its days are over.
#include "app/chat/bin_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct BinProgram : Program {
    explicit BinProgram(const std::function<void(storage::Database&)>& prepare)
        : Program({}, true, storage::StorageOptions::inMemory(), prepare) {}

    BinModel& bin() { return *facade->bin(); }
    std::vector<storage::ChatSummary> stored(bool isInBin) {
        return *disk->call(
            [isInBin](storage::Database& database) { return database.chats().list(isInBin); });
    }
};

constexpr qint64 kHousehold = 7;
constexpr qint64 kBoat = 11, kDough = 12, kLease = 13;

// Three chats, one of them in a folder; nothing in the bin.
void threeChats(storage::Database& database) {
    QVERIFY(database.folders().create("Household", kHousehold).has_value());
    QVERIFY(database.chats().create({.id = kBoat, .title = "Names for the boat"}).has_value());
    QVERIFY(database.chats().create({.id = kDough, .title = "Dough"}).has_value());
    QVERIFY(database.chats()
                .create({.id = kLease, .folderId = kHousehold, .title = "Lease"})
                .has_value());
    QVERIFY(database.messages().add({.chatId = kLease, .content = "Twelve"}).has_value());
}

QStringList titles(const BinModel& bin) {
    QStringList list;
    for (int row = 0; row < bin.rowCount(); ++row)
        if (!bin.data(bin.index(row), BinModel::IsSectionRole).toBool())
            list.append(bin.data(bin.index(row), BinModel::TitleRole).toString());
    return list;
}

}  // namespace

class BinModelTest : public QObject {
    Q_OBJECT

private slots:
    void deletedChat_liesInTheBin_withItsDays() {
        BinProgram program(threeChats);
        QAbstractItemModelTester tester(&program.bin(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QTRY_COMPARE(program.chats().rowCount(), 6);
        program.chats().remove(kBoat);
        program.chats().remove(kLease);
        QTRY_COMPARE(program.bin().count(), 2);
        QCOMPARE(titles(program.bin()),
                 QStringList({QStringLiteral("Lease"), QStringLiteral("Names for the boat")}));
        const QModelIndex heading = program.bin().index(0), row = program.bin().index(1);
        QCOMPARE(program.bin().data(heading, BinModel::SectionRole).toInt(),
                 int(ChatListModel::Today));
        QCOMPARE(program.bin().data(row, BinModel::DaysLeftRole).toInt(), 30);
        program.bin().setSearch(QStringLiteral("BOAT"));
        QCOMPARE(titles(program.bin()), QStringList(QStringLiteral("Names for the boat")));
        QCOMPARE(program.bin().count(), 2);
        QTRY_COMPARE(program.bin().bytes(), 6.0);
    }

    void chatOnScreen_inTheBin_saysWhatItIsAndCannotBeSentTo() {
        BinProgram program(threeChats);
        QTRY_COMPARE(program.chats().rowCount(), 6);
        program.chats().remove(kLease);
        QTRY_COMPARE(program.bin().count(), 1);
        program.bin().open(kLease);
        QVERIFY(program.bin().isShown());
        QCOMPARE(program.bin().shownTitle(), QStringLiteral("Lease"));
        QCOMPARE(program.bin().shownFolder(), QStringLiteral("Household"));
        QCOMPARE(program.bin().shownGoneAt(), program.bin().shownDeletedAt().addDays(30));
        QTRY_COMPARE(program.bin().shownMessages(), 1);
        QTRY_COMPARE(program.facade->chat()->messages()->rowCount(), 1);
        QVERIFY(!program.facade->chat()->canSend());
        QVERIFY(!program.facade->chat()->blockedReason().isEmpty());
        QVERIFY(!program.facade->chat()->send(QStringLiteral("Hello")));
        QVERIFY(!program.facade->chat()->edit(0, QStringLiteral("Thirteen")));
        QVERIFY(program.facade->chat()->isReadOnly());
        QVERIFY(!program.facade->chat()->canChange());

        QSignalSpy canSend(program.facade->chat(), &ChatController::canSendChanged);
        program.bin().restore(kLease);
        QTRY_VERIFY(!program.bin().isShown());
        QVERIFY(canSend.count() > 0);
        QVERIFY(program.facade->chat()->canSend());
        QVERIFY(program.facade->chat()->canChange());
        QCOMPARE(program.chats().currentChatId(), kLease);
        QCOMPARE(program.stored(false).size(), std::size_t{3});
    }

    void undo_takesBackOneStepAfterTheOther() {
        BinProgram program(threeChats);
        QTRY_COMPARE(program.chats().rowCount(), 6);
        program.chats().remove(kBoat);
        program.chats().remove(kDough);
        program.chats().restore(kBoat);
        QTRY_COMPARE(program.chats().undoText(), QStringLiteral("“Names for the boat” restored"));
        QTRY_COMPARE(titles(program.bin()), QStringList(QStringLiteral("Dough")));
        program.chats().undo();  // the restoring
        QTRY_COMPARE(program.bin().count(), 2);
        QVERIFY(!program.chats().canUndo());
        program.chats().undo();
        QTRY_COMPARE(titles(program.bin()), QStringList(QStringLiteral("Names for the boat")));
        program.chats().undo();
        QTRY_COMPARE(program.bin().count(), 0);
        program.chats().undo();  // nothing is left
        QTRY_COMPARE(program.stored(false).size(), std::size_t{3});
    }

    void versions_ofAChatInTheBin_stayAsTheyAre() {
        qint64 second = 0;
        BinProgram program([&second](storage::Database& database) {
            threeChats(database);
            const auto path = database.messages().loadPath(kLease);
            const auto edited = database.messages().edit(path->front().id, "Thirteen");
            QVERIFY(edited.has_value());
            second = edited->id;
            QVERIFY(database.chats().moveToBin(kLease).has_value());
        });
        QTRY_COMPARE(program.bin().count(), 1);
        program.bin().open(kLease);
        QTRY_COMPARE(program.facade->chat()->messages()->rowCount(), 1);
        program.facade->chat()->showVersion(0, -1);
        const auto path = program.disk->call(
            [](storage::Database& database) { return database.messages().loadPath(kLease); });
        QCOMPARE(path->front().id, second);
    }

    void undo_ofAChatThatIsGoneForGood_takesBackTheOneBefore() {
        BinProgram program(threeChats);
        QTRY_COMPARE(program.chats().rowCount(), 6);
        program.chats().remove(kBoat);
        program.chats().remove(kDough);
        QTRY_COMPARE(program.bin().count(), 2);
        program.bin().removeForGood(kDough);
        QTRY_COMPARE(program.bin().count(), 1);
        program.chats().undo();
        QTRY_COMPARE(program.bin().count(), 0);
        QCOMPARE(program.stored(false).size(), std::size_t{2});
        QCOMPARE(program.facade->health()->text(), QString());
    }

    void removeForGood_ofAChatThatIsNotInTheBin_doesNothing() {
        BinProgram program(threeChats);
        QTRY_COMPARE(program.chats().rowCount(), 6);
        program.bin().removeForGood(kBoat);
        QCOMPARE(program.stored(false).size(), std::size_t{3});
    }

    void empty_deletesAllOfIt_andLeavesTheChatOnScreen() {
        BinProgram program(threeChats);
        QTRY_COMPARE(program.chats().rowCount(), 6);
        program.chats().remove(kBoat);
        program.chats().remove(kDough);
        QTRY_COMPARE(program.bin().count(), 2);
        program.bin().open(kBoat);
        program.bin().empty();
        QTRY_COMPARE(program.bin().count(), 0);
        QCOMPARE(program.chats().currentChatId(), 0);
        QVERIFY(program.stored(true).empty());
        QCOMPARE(program.stored(false).size(), std::size_t{1});
    }

    void folder_deletedAndTakenBack_hasItsPlaceAndItsChats() {
        BinProgram program([](storage::Database& database) {
            threeChats(database);
            QVERIFY(database.folders().create("Work", 8).has_value());
            QVERIFY(database.folders().setCollapsed(kHousehold, true).has_value());
            QVERIFY(database.chats().moveToFolder(kDough, kHousehold).has_value());
            QVERIFY(database.chats().moveToBin(kDough).has_value());
        });
        QTRY_COMPARE(program.bin().count(), 1);
        program.chats().removeFolder(kHousehold);
        QTRY_VERIFY(program.chats().undoText().contains(QStringLiteral("Household")));
        QVERIFY(program.chats().undoText().contains(u'1'));
        QTRY_COMPARE(program.chats().folders().size(), 1);
        program.chats().newFolder(QStringLiteral("Later"));
        program.chats().undo();
        QTRY_COMPARE(program.chats().folders().size(), 3);
        const auto folders = *program.disk->call(
            [](storage::Database& database) { return database.folders().list(); });
        QCOMPARE(folders[0].id, kHousehold);
        QCOMPARE(folders[0].name, std::string("Household"));
        QVERIFY(folders[0].isCollapsed);
        QCOMPARE(folders[1].id, 8);
        for (const storage::ChatSummary& chat : program.stored(false))
            if (chat.id == kLease) QCOMPARE(chat.folderId, kHousehold);
        QCOMPARE(program.stored(true).at(0).folderId, kHousehold);
    }

    void oldChats_goForGood_asTheSettingSays() {
        BinProgram program([](storage::Database& database) {
            threeChats(database);
            QVERIFY(database.settings().set("app.chats.binDays", "0").has_value());
            QVERIFY(database.chats().moveToBin(kBoat).has_value());
        });
        QTRY_COMPARE(program.bin().count(), 1);
        QCOMPARE(program.bin().data(program.bin().index(1), BinModel::DaysLeftRole).toInt(), -1);
        program.bin().open(kBoat);
        QVERIFY(!program.bin().shownGoneAt().isValid());
        program.bin().setDays(30);
        QCOMPARE(program.bin().data(program.bin().index(1), BinModel::DaysLeftRole).toInt(), 30);
        QCOMPARE(program.stored(true).size(), std::size_t{1});
    }
};

QTEST_MAIN(BinModelTest)
#include "bin_model_test.moc"
