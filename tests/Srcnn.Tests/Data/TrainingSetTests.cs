using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Training;
using Srcnn.Tests.Imaging;
using Srcnn.Tests.Training;

namespace Srcnn.Tests.Data;

public sealed class TrainingSetTests : FolderTests
{
    private static readonly TrainingConfig Config = new() { Scale = 3, Patch = 17 };

    [Test]
    public void EveryTenthPictureIsHeldOut()
    {
        var set = TrainingSet.Load(Config with { Data = [Runs.Pictures(folder, count: 23)] });
        Assert.Multiple(() =>
        {
            Assert.That(set.Validation.Select(p => p.Name), Is.EqualTo(new[] { "009.bmp", "019.bmp" }));
            Assert.That(set.Training, Has.Count.EqualTo(21));
            Assert.That(set.Training.Select(p => p.Name).Intersect(set.Validation.Select(p => p.Name)), Is.Empty);
            Assert.That(set.Skipped, Is.Empty);
            Assert.That(set.Overlap(), Is.Empty);
        });
    }

    [Test]
    public void ThePictureIsItsOwnBicubicAndItsSizeAMultipleOfTheScale([Values(1, 3)] int channels)
    {
        var set = TrainingSet.Load(Config with { Channels = channels, Data = [Runs.Pictures(folder, side: 37)] });
        var picture = set.Training[0];
        var difference = picture.Pixels().Input.Zip(picture.Pixels().Target, (a, b) => (a - b) * (a - b)).Average();
        Assert.That((picture.Width, picture.Height, picture.Channels), Is.EqualTo((36, 36, channels)));
        Assert.That(picture.Pixels().Target, Is.All.InRange(0f, 1f));
        Assert.That(difference, Is.GreaterThan(0).And.LessThan(0.03), "close to the target, but not it");
    }

    [Test]
    public void EveryScaleAndSizeOfAPictureIsShownAndHeldOutTogether()
    {
        var set = TrainingSet.Load(Config with { Network = "vdsr", Scales = [2, 3], Sizes = [1, 0.6], Data = [Runs.Pictures(folder, side: 60)] });
        Assert.Multiple(() =>
        {
            Assert.That(set.Training, Has.Count.EqualTo(9 * 2 * 2));
            Assert.That(set.Training.Select(p => (p.Width, p.Scale)).Distinct(), Is.EquivalentTo(new[] { (60, 2), (60, 3), (36, 2), (36, 3) }));
            Assert.That(set.Validation.Select(p => (p.Name, p.Width, p.Scale)), Is.EqualTo(new[] { ("009.bmp", 60, 2), ("009.bmp", 60, 3) }));
        });
    }

    [Test]
    public void GivenLowResolutionsAreTakenAsTheyAre()
    {
        var high = Runs.Pictures(folder, "high", side: 60);
        var low = Directory.CreateDirectory(folder.File("low")).FullName;
        foreach (var file in Directory.GetFiles(high)) ImageFile.Write(Path.Combine(low, Path.GetFileName(file)), new Image(20, 20, 1));
        var config = Config with { Network = "fsrcnn", DataHr = high, DataLr = low, Data = [] };
        var set = TrainingSet.Load(config);
        Assert.That(set.Training, Has.Count.EqualTo(9));
        Assert.That(set.Training[0].Pixels().Input, Has.Length.EqualTo(400).And.All.Zero, "black, as the files are");
        File.Delete(Path.Combine(low, "003.bmp"));
        Assert.That(() => TrainingSet.Load(config), Throws.TypeOf<DataException>().With.Message.Contains("003.bmp: no picture of its name"));
    }

    [Test]
    public void BrokenAndSmallPicturesAreSkippedAndListed()
    {
        var pictures = Runs.Pictures(folder, count: 38);
        File.WriteAllBytes(Path.Combine(pictures, "broken.bmp"), [66, 77, 0]);
        File.Move(Path.Combine(Runs.Pictures(folder, "small", count: 1, side: 18), "000.bmp"), Path.Combine(pictures, "tiny.bmp"));
        var set = TrainingSet.Load(Config with { Patch = 19, Data = [pictures] });
        Assert.That(set.Skipped, Has.Count.EqualTo(2).And.One.Contains("broken.bmp").And.One.Contains("tiny.bmp: 18×18"));
        Assert.That(set.Training.Count + set.Validation.Count, Is.EqualTo(38));
    }

    [Test]
    public void APictureThatIsThereTwiceIsTakenOnceUnderWhateverName()
    {
        var pictures = Runs.Pictures(folder, count: 38);
        File.Copy(Path.Combine(pictures, "003.bmp"), Path.Combine(pictures, "copy.bmp"));
        var set = TrainingSet.Load(Config with { Data = [pictures] });
        Assert.That(set.Skipped, Has.Count.EqualTo(1).And.One.Contains("copy.bmp: the same picture as").And.One.Contains("003.bmp"));
        Assert.That(set.Training.Count + set.Validation.Count, Is.EqualTo(38));
    }

    [Test]
    public void WhatDoesNotFitIntoMemoryIsReadAgainAndGivesTheSameSamples()
    {
        var config = Config with { Data = [Runs.Pictures(folder)] };
        var (all, some) = (TrainingSet.Load(config), TrainingSet.Load(config, memory: 3 * 2 * sizeof(float) * 36 * 36));
        Assert.That((all.OnDisk, some.OnDisk), Is.EqualTo((0, 7)));
        foreach (var (kept, read) in all.Training.Zip(some.Training))
        {
            Assert.That(read.Pixels().Input, Is.EqualTo(kept.Pixels().Input), read.Name);
            Assert.That(read.Pixels().Target, Is.EqualTo(kept.Pixels().Target), read.Name);
        }
    }

    [Test]
    public void APictureThatChangesOrVanishesUnderTheRunIsNamed()
    {
        var pictures = Runs.Pictures(folder);
        var picture = TrainingSet.Load(Config with { Data = [pictures] }, memory: 0).Training[4];
        File.Copy(Path.Combine(pictures, "005.bmp"), Path.Combine(pictures, "004.bmp"), overwrite: true);
        Assert.That(() => picture.Pixels(), Throws.TypeOf<DataException>().With.Message.Contains("004.bmp: is another picture"));
        File.Delete(Path.Combine(pictures, "004.bmp"));
        Assert.That(() => picture.Pixels(), Throws.TypeOf<DataException>().With.Message.Contains("004.bmp").And.Message.Contains("no longer"));
    }

    [Test]
    public void ReadingCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.That(() => TrainingSet.Load(Config with { Data = [Runs.Pictures(folder)] }, stop: stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void MoreThanOneInTwentyBrokenStopsTheRun()
    {
        var pictures = Runs.Pictures(folder, count: 18);
        File.WriteAllBytes(Path.Combine(pictures, "broken.bmp"), []);
        Refused(Config with { Data = [pictures] }, "1 of 19");
    }

    [Test]
    public void FoldersWithoutUsablePicturesAreRefused()
    {
        var (pictures, empty) = (Runs.Pictures(folder), Directory.CreateDirectory(folder.File("empty")).FullName);
        Refused(Config with { Data = [folder.File("typo")] }, "does not exist");
        Refused(Config with { Data = [empty] }, "has no pictures");
        Refused(Config with { Data = [pictures], Val = [empty] }, "has no pictures");
        Refused(Config with { Data = [pictures], Patch = 37 }, "36×36 pixels");
        Refused(Config with { Data = [Runs.Pictures(folder, "one", count: 1)] }, "1 pictures");
        Refused(Config with { Patch = 193 }, "192 pixels a side");
    }

    [Test]
    public void PicturesTooSmallToScoreAreNotHeldOut() =>
        Refused(Config with { Patch = 3, Scale = 4, Data = [Runs.Pictures(folder, side: 15)] }, "15×15 pixels");

    [Test]
    public void ValidationPicturesThatAreTrainingPicturesAreNamed()
    {
        var set = TrainingSet.Load(Config with { Data = [Runs.Pictures(folder, "train", 3)], Val = [Runs.Pictures(folder, "val", 3, seed: 3)] });
        Assert.That(set.Overlap(), Is.EqualTo(new[] { "000.bmp" }), "the third of one folder is the first of the other");
    }

    [Test]
    public void AFileIsNamedOnceAtHoweverManyScalesItIsUsed()
    {
        string train = Runs.Pictures(folder, "train", 30), val = Runs.Pictures(folder, "val", 3, seed: 30);
        File.Copy(Path.Combine(train, "003.bmp"), Path.Combine(train, "twice.bmp"));
        var set = TrainingSet.Load(Config with { Network = "vdsr", Scales = [2, 3, 4], Data = [train], Val = [val] });
        Assert.That(set.Skipped, Has.Count.EqualTo(1).And.One.Contains("twice.bmp: the same picture as"));
        Assert.That(set.Overlap(), Is.EqualTo(new[] { "000.bmp" }));
    }

    [Test]
    public void WithoutAFolderPicturesAreGeneratedFromTheSeed()
    {
        var (set, again) = (TrainingSet.Load(Config), TrainingSet.Load(Config));
        Assert.Multiple(() =>
        {
            Assert.That(set.Training, Has.Count.EqualTo(40));
            Assert.That(set.Validation, Has.Count.EqualTo(4));
            Assert.That(set.Overlap(), Is.Empty);
            Assert.That(again.Training[39].Pixels().Target, Is.EqualTo(set.Training[39].Pixels().Target));
            Assert.That(set.Training[38].Pixels().Target, Is.Not.EqualTo(set.Training[39].Pixels().Target));
        });
    }

    [Test]
    public void AValidationFolderCountsWithGeneratedPicturesToo()
    {
        var set = TrainingSet.Load(Config with { Val = [Runs.Pictures(folder, count: 2)] });
        Assert.That(set.Validation.Select(p => p.Name), Is.EqualTo(new[] { "000.bmp", "001.bmp" }));
    }

    [Test]
    public void AllOfT91ButADuplicateCanBeUsed()
    {
        var set = TrainingSet.Load(new TrainingConfig { Data = [Require.Data("data", "T91")], Val = [Require.Data("data", "Set5")] });
        Assert.That(set.Skipped, Has.Count.EqualTo(1).And.One.Contains("the same picture as"), "one of the 91 is there twice");
        Assert.That(set.Overlap(), Is.Empty);
        Assert.That(set.Training, Has.Count.EqualTo(90));
    }

    private static void Refused(TrainingConfig config, string named) =>
        Assert.That(() => TrainingSet.Load(config), Throws.TypeOf<DataException>().With.Message.Contains(named).And.Message.Not.Contains("\n"));
}
