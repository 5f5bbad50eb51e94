using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TeacherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HostBackend host = new(2);

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    // Networks of both inputs, as teacher and as student; the second pads in training.
    [TestCase("srcnn-3-1-3", "srcnn-3-1-3", 1)]
    [TestCase("vdsr-3-4", "fsrcnn-6-4-1", 1)]
    [TestCase("fsrcnn-6-4-1", "srcnn-3-1-3", 3)]
    [TestCase("compact-2-4", "compact-2-4", 1)]
    public void TargetsAreWhatTheTeacherMakesOfTheWholePicture(string teacher, string student, int channels)
    {
        var config = Config(student) with { Channels = channels, Teacher = Model(teacher, channels) };
        var before = TrainingSet.Load(config);
        using var taught = new Teacher(config, host);
        var after = taught.Teach(before, default);
        using var upscaler = Upscaler.Open(config.Teacher, new UpscalerOptions { Backend = host });
        for (var i = 0; i < before.Training.Count; i++)
        {
            var (old, now) = (before.Training[i].Pixels(), after.Training[i].Pixels());
            Assert.That(now.Input, Is.EqualTo(old.Input));
            var expected = upscaler.Upscale(Lows(before.Training[i], old.Target));
            for (var c = 0; c < channels; c++)
                Assert.That(now.Target.Where((_, at) => at % channels == c), Is.EqualTo(expected[c].Values).Within(1e-5), $"picture {i}");
            Assert.That(after.Training[i].Hash, Is.EqualTo(before.Training[i].Hash));
        }
        Assert.That(after.Validation, Is.EqualTo(before.Validation));
    }

    [Test]
    public void TheGradientIsThatOfTheTeachersOutput([Values("host", "reference")] string name)
    {
        using var backend = Require.Backend(name);
        var config = Config("srcnn-3-1-3") with { Teacher = Model("srcnn-3-1-3"), Augment = false };
        var plain = TrainingSet.Load(config);
        using var teacher = new Teacher(config, backend);
        var taught = teacher.Teach(plain, default);
        using var model = new Model(ModelFile.Load(config.Teacher!), backend);
        // A student that is its teacher has nothing to learn: patches without padding are a whole picture's interior.
        Assert.That(Loss(taught), Is.LessThan(1e-10));
        Assert.That(Loss(plain), Is.GreaterThan(1e-5));

        double Loss(TrainingSet set)
        {
            using var pass = new GradientPass(model, new PatchSampler(set.Training, config, config.Patch - 4), batch: 3, config.Patch);
            pass.Run(0);
            return pass.TakeLoss();
        }
    }

    [TestCase(0)]
    [TestCase(0.25)]
    public void AShareMixesOutputAndOriginal(double share)
    {
        var config = Config("srcnn-3-1-3") with { Teacher = Model("srcnn-3-1-3") };
        var set = TrainingSet.Load(config);
        float[] original = set.Training[0].Pixels().Target, whole = Taught(1), part = Taught(share);
        for (var i = 0; i < part.Length; i++) Assert.That(part[i], Is.EqualTo((share * whole[i]) + ((1 - share) * original[i])).Within(1e-6));

        float[] Taught(double s)
        {
            using var teacher = new Teacher(config with { TeacherShare = s }, host);
            return teacher.Teach(set, default).Training[0].Pixels().Target;
        }
    }

    [Test]
    public void ATaughtRunEndsInTheSameBitsForAnyThreadsAndAfterAResume()
    {
        var config = Config("fsrcnn-6-4-1") with { Teacher = Model("vdsr-3-4"), TeacherShare = 0.75, Center = 0.45, Average = 0.3 };
        using HostBackend one = new(1), two = new(2);
        Trainer.Run(config, folder.File("one"), one);
        Trainer.Run(config, folder.File("two"), two);
        Runs.AssertEqual(folder.File("two"), folder.File("one"));

        Runs.Copy(folder.File("one"), folder.File("killed"));
        File.Delete(Runs.Checkpoints(folder.File("killed"))[^1]);
        Trainer.Run(config, folder.File("killed"), two, resume: true);
        Runs.AssertEqual(folder.File("killed"), folder.File("one"));

        Trainer.Run(config with { Teacher = null, TeacherShare = 1 }, folder.File("alone"), one);
        Assert.That(ModelFile.Load(Path.Combine(folder.File("alone"), "model.safetensors")).Tensors[0].Values,
            Is.Not.EqualTo(ModelFile.Load(Path.Combine(folder.File("one"), "model.safetensors")).Tensors[0].Values), "the teacher counts");
        Assert.That(() => Trainer.Run(config with { TeacherShare = 1 }, folder.File("killed"), one, resume: true), Throws.TypeOf<ConfigException>().With.Message.Contains("other options"));
    }

    [Test]
    public void OneTeacherTeachesSeveralScales()
    {
        var vdsr = ModelFile.Load(Model("vdsr-3-4")) with { Scales = new Scales(2, 3) };
        vdsr.Save(folder.File("both.safetensors"));
        var config = Config("vdsr-3-2") with { Scales = [2, 3], Teacher = folder.File("both.safetensors"), Steps = 2 };
        Assert.That(Trainer.Run(config, folder.File("run"), host).Completed);
        Refused<ModelException>(config with { Scales = [2, 4] }, "a model for ×2,3; expected a teacher for ×2, ×4");
    }

    [Test]
    public void WhoCannotTeachIsNamedAndNothingIsLeft()
    {
        var config = Config("srcnn-3-1-3") with { Teacher = Model("srcnn-3-1-3") };
        Refused<ModelException>(config with { Scale = 3 }, "a model for ×2; expected a teacher for ×3");
        Refused<ModelException>(config with { Channels = 3 }, "a model of 1 channels; expected a teacher of 3");
        Refused<ModelException>(config with { Teacher = folder.File("none.safetensors") }, "no such file");
        Refused<UnknownModelException>(config with { Teacher = "nobody" }, "'nobody' is unknown");
        Refused<ConfigException>(config with { TeacherShare = 1.5 }, "teacher-share is 1.5");
        Refused<ConfigException>(config with { TeacherShare = double.NaN }, "teacher-share is NaN");
        Refused<ConfigException>(config with { Teacher = null, TeacherShare = 0.5 }, "expected a teacher beside it");
        var pairs = config with { Teacher = Model("fsrcnn-6-4-1"), Data = [], DataHr = config.Data[0], DataLr = config.Data[0] };
        Refused<ModelException>(pairs, "reads the low resolution");
    }

    [Test]
    public void PicturesThatDoNotFitIntoMemoryAreRefused()
    {
        var config = Config("srcnn-3-1-3") with { Teacher = Model("srcnn-3-1-3") };
        using var teacher = new Teacher(config, host);
        var set = TrainingSet.Load(config, memory: 0);
        Assert.That(() => teacher.Teach(set, default), Throws.TypeOf<DataException>().With.Message.Contains("do not fit into memory"));
    }

    private void Refused<T>(TrainingConfig config, string named)
        where T : Exception
    {
        Assert.That(() => Trainer.Run(config, folder.File("refused"), host), Throws.TypeOf<T>().With.Message.Contains(named));
        Assert.That(folder.Names(), Does.Not.Contain("refused"));
    }

    private TrainingConfig Config(string network) => Runs.Config(Directory.Exists(folder.File("pictures")) ? folder.File("pictures") : Runs.Pictures(folder)) with { Network = network, Rates = new Dictionary<string, double>(), Patch = 12 };

    /// <summary>A model that does something, for scale 2.</summary>
    private string Model(string network, int channels = 1)
    {
        var path = folder.File($"{network}.safetensors");
        using var model = new Model(NetworkCatalog.Parse(network) with { Channels = channels }, 2, host);
        model.Parameters.Initialize(5);
        // Last layers begin near zero: without this a teacher would be bicubic, or black.
        var random = new Random(6);
        new ModelFile(model.Network, 2, [.. model.Save().Select(t => t with { Values = Array.ConvertAll(t.Values, v => v + (0.1f * (random.NextSingle() - 0.5f))) })]).Save(path);
        return path;
    }

    private static Plane[] Lows(TrainingPicture picture, float[] target) =>
    [
        .. Enumerable.Range(0, picture.Channels).Select(c => Degradation.LowResolution(
            new Plane(picture.Width, picture.Height, [.. target.Where((_, i) => i % picture.Channels == c)]), picture.Scale)),
    ];
}
