// The ways out of a database that cannot be opened: each leaves the damaged file as it was, under a
// name that is told, and a library that opens.
#include "app/start/rescue_controller.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include "storage/sqlite/migrations.h"
#include "tests/app/start/damaged_library.h"

using namespace sotto;
using namespace sotto::app;

namespace {

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

constexpr const char* kBackup = "sotto.backup-v3-20251117-101112.db";

struct Scene {
    Scene() : file(folder.filePath(QStringLiteral("sotto.db")).toStdString()) {}
    QString path(const QString& name) const { return folder.filePath(name); }
    int chats() const {
        const auto library = storage::Storage::open(optionsOf(file));
        if (!library) return -1;
        const auto list =
            (*library)->call([](storage::Database& database) { return database.chats().list(); });
        return list ? static_cast<int>(list->size()) : -2;
    }

    // As a migration makes it.
    void makeBackup() const {
        auto source = storage::Connection::open({.path = file});
        QVERIFY(source.has_value());
        QVERIFY(storage::backupDatabase(*source, file.parent_path() / kBackup).has_value());
    }
    int messages() const { return count("SELECT count(*) FROM messages"); }
    int damagedMessages() const {
        return count("SELECT count(*) FROM messages WHERE full_bytes <> 0");
    }

    QTemporaryDir folder;
    std::filesystem::path file;

private:
    int count(const char* sql) const {
        auto library = storage::Connection::open({.path = file});
        return library ? static_cast<int>(library->queryInteger(sql).value_or(-1)) : -2;
    }
};

Error errorOfOpening(const std::filesystem::path& file) {
    const auto library = storage::Storage::open(optionsOf(file));
    return library ? Error{} : library.error();
}

}  // namespace

class RescueControllerTest : public QObject {
    Q_OBJECT

private slots:
    void damaged_isCountedBeforeAnythingIsAsked() {
        Scene scene;
        makeLibrary(scene.file);
        damage(scene.file, 4);
        const Error error = errorOfOpening(scene.file);
        QCOMPARE(error.code, ErrorCode::DatabaseDamaged);
        QVERIFY(RescueController::isFor(error.code));
        const QByteArray before = contentOf(scene.path(QStringLiteral("sotto.db")));
        RescueController rescue(scene.file, error);
        QCOMPARE(rescue.step(), RescueController::Inspecting);
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QCOMPARE(rescue.chats(), kChats);
        QVERIFY(rescue.readableChats() > 0);
        QVERIFY(rescue.unreadablePages() >= 4);
        QCOMPARE(rescue.fileName(), QStringLiteral("sotto.db"));
        QCOMPARE(contentOf(scene.path(QStringLiteral("sotto.db"))), before);
    }

    void readAll_setsTheFileAsideAndNamesWhatIsMissing() {
        Scene scene;
        makeLibrary(scene.file);
        damage(scene.file, 4);
        const QByteArray before = contentOf(scene.path(QStringLiteral("sotto.db")));
        RescueController rescue(scene.file, errorOfOpening(scene.file));
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QSignalSpy finished(&rescue, &RescueController::finished);
        rescue.readAll();
        QCOMPARE(rescue.step(), RescueController::Reading);
        QTRY_COMPARE(rescue.step(), RescueController::Result);
        QVERIFY(!rescue.asideName().isEmpty());
        QCOMPARE(contentOf(scene.path(rescue.asideName())), before);
        QVERIFY(!rescue.missing().isEmpty());
        QVERIFY(!rescue.missing()[0].toMap()[QStringLiteral("title")].toString().isEmpty());
        QCOMPARE(scene.chats(), rescue.readableChats());
        QCOMPARE(finished.count(), 0);
        rescue.goOn();
        QCOMPARE(finished.count(), 1);
        QCOMPARE(finished[0][0].value<RescueController::Outcome>(), RescueController::OpenAgain);
    }

    void restoreBackup_putsTheCopyInItsPlace() {
        Scene scene;
        makeLibrary(scene.file);
        scene.makeBackup();
        damage(scene.file, 4);
        const QByteArray before = contentOf(scene.path(QStringLiteral("sotto.db")));
        RescueController rescue(scene.file, errorOfOpening(scene.file));
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QCOMPARE(rescue.backups().size(), 1);
        const QVariantMap backup = rescue.backups()[0].toMap();
        QCOMPARE(backup[QStringLiteral("chats")].toInt(), kChats);
        QCOMPARE(backup[QStringLiteral("madeAt")].toDateTime().toUTC().toString(Qt::ISODate),
                 QStringLiteral("2025-11-17T10:11:12Z"));
        QSignalSpy finished(&rescue, &RescueController::finished);
        rescue.restoreBackup(1);  // there is no such row
        rescue.restoreBackup(0);
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(finished[0][0].value<RescueController::Outcome>(), RescueController::OpenAgain);
        QCOMPARE(scene.chats(), kChats);
        QCOMPARE(scene.messages(), 10 * kChats);
        QCOMPARE(contentOf(scene.path(rescue.asideName())), before);
        QVERIFY(QFile::exists(scene.path(QLatin1String(kBackup))));
    }

    void takeFromBackup_fillsWhatCouldNotBeRead() {
        Scene scene;
        makeLibrary(scene.file);
        scene.makeBackup();
        damage(scene.file, 4);
        RescueController rescue(scene.file, errorOfOpening(scene.file));
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        rescue.takeFromBackup();  // nothing has been read yet
        QVERIFY(!rescue.isBusy());
        rescue.readAll();
        QTRY_COMPARE(rescue.step(), RescueController::Result);
        QVERIFY(rescue.canTakeFromBackup());
        for (const QVariant& row : rescue.missing())
            QVERIFY(row.toMap()[QStringLiteral("isInBackup")].toBool());
        QVERIFY(scene.messages() < 10 * kChats);
        rescue.takeFromBackup();
        QTRY_VERIFY(!rescue.isBusy());
        QVERIFY2(rescue.problem().isEmpty(), qPrintable(rescue.problem()));
        QVERIFY(rescue.missing().isEmpty());
        QVERIFY(!rescue.canTakeFromBackup());
        QCOMPARE(scene.chats(), kChats);
        QCOMPARE(scene.messages(), 10 * kChats);
        QCOMPARE(scene.damagedMessages(), 0);
    }

    // The backup goes while the person thinks: said, and the damaged file is back in its place.
    void restoreBackup_thatIsGone_changesNothing() {
        Scene scene;
        makeLibrary(scene.file);
        scene.makeBackup();
        damage(scene.file, 4);
        const QByteArray before = contentOf(scene.path(QStringLiteral("sotto.db")));
        RescueController rescue(scene.file, errorOfOpening(scene.file));
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QVERIFY(QFile::remove(scene.path(QLatin1String(kBackup))));
        QSignalSpy finished(&rescue, &RescueController::finished);
        rescue.restoreBackup(0);
        QTRY_VERIFY(!rescue.isBusy());
        QVERIFY(!rescue.problem().isEmpty());
        QCOMPARE(finished.count(), 0);
        QCOMPARE(contentOf(scene.path(QStringLiteral("sotto.db"))), before);
        QVERIFY(rescue.asideName().isEmpty());
    }

    void startEmpty_keepsTheDamagedFile() {
        Scene scene;
        makeLibrary(scene.file);
        damage(scene.file, 1);
        const QByteArray before = contentOf(scene.path(QStringLiteral("sotto.db")));
        RescueController rescue(scene.file, errorOfOpening(scene.file));
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QSignalSpy finished(&rescue, &RescueController::finished);
        rescue.startEmpty();
        QTRY_COMPARE(finished.count(), 1);
        QVERIFY(!rescue.asideName().isEmpty());
        QCOMPARE(contentOf(scene.path(rescue.asideName())), before);
        QCOMPARE(scene.chats(), 0);
    }

    void fileThatIsNoLibraryAtAll_canOnlyBeSetAside() {
        Scene scene;
        QFile file(scene.path(QStringLiteral("sotto.db")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(20000, 'x'));
        file.close();
        RescueController rescue(scene.file, errorOfOpening(scene.file));
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QCOMPARE(rescue.readableChats(), 0);
        rescue.readAll();  // nothing can be read: the file is back in its place
        QTRY_VERIFY(!rescue.isBusy());
        QCOMPARE(rescue.step(), RescueController::Damaged);
        QVERIFY(!rescue.problem().isEmpty());
        QVERIFY(QFile::exists(scene.path(QStringLiteral("sotto.db"))));
    }

    void locked_isTriedUntilTheOtherProgramIsGone() {
        Scene scene;
        makeLibrary(scene.file);
        RescueController rescue(scene.file,
                                Error{ErrorCode::Locked, "sotto.db is in use.", "", 0, 0});
        QCOMPARE(rescue.step(), RescueController::Locked);
        QSignalSpy finished(&rescue, &RescueController::finished);
        rescue.tryNow();
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(finished[0][0].value<RescueController::Outcome>(), RescueController::OpenAgain);
    }

    void newer_leavesTheFileAndStartsBesideIt() {
        Scene scene;
        RescueController rescue(
            scene.file, Error{ErrorCode::NewerVersion, "Written by a newer Sotto.", "", 0, 0});
        QCOMPARE(rescue.step(), RescueController::Newer);
        QSignalSpy finished(&rescue, &RescueController::finished);
        rescue.startBeside();
        QCOMPARE(finished[0][0].value<RescueController::Outcome>(), RescueController::OpenBeside);
    }

    void destroyedWhileReading_leavesNothingRunning() {
        Scene scene;
        makeLibrary(scene.file);
        damage(scene.file, 4);
        {
            RescueController rescue(scene.file, errorOfOpening(scene.file));
            QTRY_COMPARE(rescue.step(), RescueController::Damaged);
            rescue.readAll();
        }
        QCOMPARE(QDir(scene.folder.path())
                     .entryList({QStringLiteral("sotto.db*")}, QDir::Files)
                     .isEmpty(),
                 false);
    }
};

QTEST_MAIN(RescueControllerTest)
#include "rescue_controller_test.moc"
