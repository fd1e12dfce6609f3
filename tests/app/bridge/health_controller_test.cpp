// A disk that fills up under the real controllers: told once, for as long as it lasts, and
// everything that was held is written when there is room again.
#include "app/bridge/health_controller.h"

#include <QSignalSpy>
#include <QtTest>
#include <limits>
#include <optional>

#include "app/bridge/error_text.h"
#include "app/system/translation.h"
#include "tests/app/chat/disk_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct HealthProgram : DiskProgram {
    HealthController& health() { return *facade->health(); }
    // Waits until everything that was asked of storage so far has been answered.
    void settle() {
        static_cast<void>(disk->call([](storage::Database&) -> Status { return {}; }));
        QCoreApplication::processEvents();
    }
    std::string setting(const char* key) {
        const auto value = disk->call(
            [key](storage::Database& database) { return database.settings().value(key); });
        return value && *value ? **value : std::string();
    }
};

}  // namespace

class HealthControllerTest : public QObject {
    Q_OBJECT

private slots:
    void fullDisk_isToldUntilTheDiskWorks() {
        HealthProgram program;
        QCOMPARE(program.health().text(), QString());
        program.fill();
        program.facade->chats()->newFolder(QStringLiteral("Work"));
        QTRY_COMPARE(program.health().cause(), QStringLiteral("diskFull"));
        QVERIFY(program.health().text().contains(QStringLiteral("The disk is full")));
        QVERIFY(program.health().canTryAgain());

        // Reads that go well, and attempts that do not, leave it as it is.
        program.facade->chats()->refresh();
        program.settle();
        QCOMPARE(program.health().cause(), QStringLiteral("diskFull"));
        QSignalSpy tried(&program.health(), &HealthController::tried);
        program.health().tryAgain();
        QTRY_COMPARE(tried.count(), 1);
        QCOMPARE(tried[0][0].toBool(), false);
        QCOMPARE(program.health().cause(), QStringLiteral("diskFull"));

        program.vfs.heal();
        program.health().tryAgain();
        QTRY_COMPARE(program.health().text(), QString());
    }

    void otherWriteThatGoesWell_clearsNothing() {
        HealthProgram program;
        StorageBridge disk(*program.disk), memory(*program.memory);
        // Without an attempt of its own while the other writes are made.
        HealthController health(disk, memory, std::nullopt, std::numeric_limits<int>::max());
        program.fill();
        const auto writeTo = [](StorageBridge& bridge, const char* key) {
            bridge.submit(
                [key](storage::Database& database) { return database.settings().set(key, "1"); });
        };
        writeTo(disk, "first");
        QTRY_COMPARE(health.cause(), QStringLiteral("diskFull"));
        program.vfs.heal();
        QSignalSpy changed(&health, &HealthController::changed);
        writeTo(disk, "second");
        writeTo(memory, "third");
        program.settle();
        QCOMPARE(program.setting("second"), std::string("1"));
        QCOMPARE(changed.count(), 0);
        QCOMPARE(health.cause(), QStringLiteral("diskFull"));
        // An attempt of its own does.
        health.tryAgain();
        QTRY_COMPARE(health.text(), QString());
    }

    void damage_isNotWrittenTo() {
        HealthProgram program;
        StorageBridge disk(*program.disk), memory(*program.memory);
        HealthController health(disk, memory, std::nullopt, 0);
        QSignalSpy trying(&health, &HealthController::isTryingChanged);
        health.noteFailure(StoreKind::Disk, Error{ErrorCode::DatabaseDamaged, "It is.", "", 0, 0});
        health.tryAgain();
        QCOMPARE(trying.count(), 0);
        QCOMPARE(health.cause(), QStringLiteral("databaseDamaged"));
        QVERIFY(health.isAiling());
    }

    // Of one row on a damaged page, while everything else can be written.
    void heldWriteThatFailsByItself_endsTheRetry_data() {
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("isWell");
        QTest::newRow("damaged") << static_cast<int>(ErrorCode::DatabaseDamaged) << true;
        QTest::newRow("bad sector") << static_cast<int>(ErrorCode::Io) << false;
    }
    void heldWriteThatFailsByItself_endsTheRetry() {
        QFETCH(int, code);
        QFETCH(bool, isWell);
        HealthProgram program;
        StorageBridge disk(*program.disk);
        QSignalSpy failed(&disk, &StorageBridge::failed);
        disk.keep(QStringLiteral("draft"), QStringLiteral("Words"), [code](storage::Database&) {
            return Status(fail(static_cast<ErrorCode>(code), "It failed."));
        });
        QTRY_COMPARE(failed.count(), 1);
        std::optional<bool> outcome;
        disk.retry(&disk, [&outcome](const Status& status) { outcome = status.has_value(); });
        QTRY_VERIFY(outcome.has_value());
        QCOMPARE(*outcome, isWell);
        QCOMPARE(disk.heldTexts(), QStringList{QStringLiteral("Words")});
    }

    void writeWithItsOwnAnswer_isToldAsWell() {
        HealthProgram program;
        program.fill();
        QVERIFY(program.facade->chat()->send(QStringLiteral("Hello")));
        QTRY_COMPARE(program.health().cause(), QStringLiteral("diskFull"));
        QTRY_COMPARE(program.facade->chat()->draft(), QStringLiteral("Hello"));
    }

    void settings_ofAFullDisk_areWrittenWhenThereIsRoom() {
        HealthProgram program;
        program.settle();
        program.fill();
        program.facade->settings()->setTextSize(19);
        QTRY_COMPARE(program.health().cause(), QStringLiteral("diskFull"));
        program.facade->settings()->setTextSize(17);  // replaces what is held
        program.vfs.heal();
        QTRY_COMPARE(program.health().text(), QString());
        QTRY_COMPARE(program.setting("app.textSize"), std::string("17"));
    }

    void refusal_isToldAndCanBeClosed() {
        HealthProgram program;
        program.facade->chats()->rename(12345, QStringLiteral("Nobody"));
        QTRY_COMPARE(program.health().cause(), QStringLiteral("notFound"));
        QVERIFY(!program.health().canTryAgain());
        QVERIFY(program.health().canDismiss());
        program.health().dismiss();
        QCOMPARE(program.health().text(), QString());
    }

    void refusal_withoutASubject_saysWhyInEveryLanguage() {
        QLocale::setDefault(QLocale(QLocale::Chinese));
        const QString text =
            errorText(Error{ErrorCode::InvalidArgument, "A message is damaged.", "", 0, 0});
        QLocale::setDefault(QLocale::c());
        QVERIFY2(text.contains(QStringLiteral("A message is damaged.")), qPrintable(text));
    }

    void counts_areGroupedInEveryLanguage() {
        const Error error{ErrorCode::ContextFull,
                          "The prompt has 20100 tokens and the context holds 16384.", "", 20100,
                          16384};
        for (const QLocale& language : {QLocale(QStringLiteral("en")), QLocale(QLocale::Chinese)}) {
            QLocale::setDefault(language);
            const QString text = errorText(error);
            QLocale::setDefault(QLocale::c());
            QVERIFY2(text.contains(QStringLiteral("20,100")), qPrintable(text));
            QVERIFY2(text.contains(QStringLiteral("16,384")), qPrintable(text));
        }
    }

    void backgroundFailure_isClearedByItsOwnRecovery() {
        HealthProgram program;
        program.fill();
        program.health().noteFailure(StoreKind::Disk,
                                     Error{ErrorCode::DiskFull, "The disk is full.", "", 0, 0});
        QCOMPARE(program.health().cause(), QStringLiteral("diskFull"));
        program.vfs.heal();
        program.health().tryAgain();
        QTRY_COMPARE(program.health().text(), QString());
    }

    void startProblem_staysForTheWholeRun() {
        HealthProgram program;
        StorageBridge disk(*program.disk), memory(*program.memory);
        HealthController health(
            disk, memory,
            StartProblem{
                Error{ErrorCode::ReadOnly, "The folder may not be written.", "/x/sotto.db", 0, 0}});
        QVERIFY(!health.canTryAgain());
        health.noteFailure(StoreKind::Disk, Error{ErrorCode::Io, "It failed.", "", 0, 0});
        health.tryAgain();
        QTRY_VERIFY(!health.isAiling());
        QCOMPARE(health.text(), QStringLiteral("The folder may not be written. All chats are kept "
                                               "in memory only until Sotto closes."));
        QSignalSpy changed(&health, &HealthController::changed);
        Translation translation;
        translation.setSetting(QStringLiteral("zh_CN"));
        QTRY_VERIFY(changed.count() > 0);
        const QString chinese = health.text();
        translation.setSetting(QStringLiteral("en"));
        QVERIFY2(chinese.contains(QStringLiteral("sotto.db")) &&
                     chinese.contains(QStringLiteral("内存")),
                 qPrintable(chinese));
    }

    void language_whenItChanges_isFollowed() {
        HealthProgram program;
        program.fill();
        program.facade->chats()->newFolder(QStringLiteral("Work"));
        QTRY_VERIFY(!program.health().text().isEmpty());
        QSignalSpy health(&program.health(), &HealthController::changed);
        QSignalSpy undo(program.facade->chats(), &ChatListModel::undoTextChanged);
        QEvent change(QEvent::LanguageChange);
        QCoreApplication::sendEvent(QCoreApplication::instance(), &change);
        QTRY_VERIFY(health.count() > 0);
        QTRY_COMPARE(undo.count(), 1);
        program.vfs.heal();
    }
};

QTEST_MAIN(HealthControllerTest)
#include "health_controller_test.moc"
