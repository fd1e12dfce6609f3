// What keeps chats from being written: noted by database and cause, cleared by nothing else.
#include "app/core/storage_health.h"

#include <QtTest>

using namespace sotto;
using namespace sotto::app;

namespace {

Error errorOf(ErrorCode code) { return Error{code, "It failed.", "", 0, 0}; }

}  // namespace

class StorageHealthTest : public QObject {
    Q_OBJECT

private slots:
    void damageAlone_isNotWorthATry() {
        StorageHealth health;
        health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::DatabaseDamaged));
        health.noteFailure(StoreKind::Temporary, errorOf(ErrorCode::DiskFull));
        QVERIFY(health.isAiling(StoreKind::Disk));
        QVERIFY(!health.isWorthATry(StoreKind::Disk));
        QVERIFY(health.isWorthATry(StoreKind::Temporary));
        health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::Locked));
        QVERIFY(health.isWorthATry(StoreKind::Disk));
    }

    void provenWrite_clearsItsDatabase_butNoDamage() {
        StorageHealth health;
        for (const ErrorCode code : {ErrorCode::DiskFull, ErrorCode::ReadOnly, ErrorCode::Io,
                                     ErrorCode::Locked, ErrorCode::DatabaseDamaged})
            health.noteFailure(StoreKind::Disk, errorOf(code));
        health.noteFailure(StoreKind::Temporary, errorOf(ErrorCode::DiskFull));
        QVERIFY(health.noteProvenWrite(StoreKind::Disk));
        QCOMPARE(health.problems().size(), std::size_t{2});
        QCOMPARE(health.worst()->error.code, ErrorCode::DatabaseDamaged);
        QVERIFY(health.isAiling(StoreKind::Temporary));
    }

    void refusal_isToldBehindLastingCauses_andDismissed() {
        StorageHealth health;
        health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::NotFound));
        QVERIFY(!health.isAiling(StoreKind::Disk));
        health.noteFailure(StoreKind::Temporary, errorOf(ErrorCode::DiskFull));
        QCOMPARE(health.worst()->error.code, ErrorCode::DiskFull);
        QVERIFY(health.dismissRefusals());
        QVERIFY(!health.dismissRefusals());
        QCOMPARE(health.problems().size(), std::size_t{1});
    }

    void repeatedFailure_isOneProblem() {
        StorageHealth health;
        QVERIFY(health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::Io)));
        QVERIFY(!health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::Io)));
        QCOMPARE(health.problems().size(), std::size_t{1});
    }

    void stopping_isNoProblem() {
        StorageHealth health;
        QVERIFY(!health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::Cancelled)));
        QVERIFY(!health.noteFailure(StoreKind::Disk, errorOf(ErrorCode::Closed)));
        QVERIFY(health.worst() == nullptr);
    }
};

QTEST_GUILESS_MAIN(StorageHealthTest)
#include "storage_health_test.moc"
