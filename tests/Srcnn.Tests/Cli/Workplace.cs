using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Cli;

/// <summary>Tests that work in a <see cref="Workplace"/>, each in one of its own, and leave nothing half done there.</summary>
public abstract class WorkplaceTests
{
    private protected Workplace work = null!;

    [SetUp]
    public void Move() => work = new Workplace();

    [TearDown]
    public void Leave()
    {
        using var left = work;
        Assert.That(left?.Temporaries, Is.Null.Or.Empty, "partial output");
    }
}

/// <summary>A folder of its own with a small untrained model and whatever pictures a test wants; gone afterwards.</summary>
internal sealed class Workplace : IDisposable
{
    public Workplace()
    {
        Folder = Directory.CreateTempSubdirectory("srcnn-test-").FullName;
        Model = this["model.safetensors"];
        SmallModel(3).Save(Model);
    }

    public string Folder { get; }

    /// <summary>A model file for scale 3.</summary>
    public string Model { get; }

    public string this[params string[] parts] => Path.Combine([Folder, .. parts]);

    /// <summary>Few filters, so that tests are quick; starts as the identity with some noise, so that it does something.</summary>
    public static ModelFile SmallModel(int scale, int channels = 1)
    {
        var config = new SrcnnConfig(5, 1, 3, 6, 4, channels);
        using var backend = new HostBackend(1);
        using var model = new Model(config, scale, backend);
        model.Parameters.Initialize(7);
        var tensors = model.Save();
        // The picture's own channels pass the mapping alone, so that no random sum drowns them.
        var mapping = tensors.Single(t => t.Name == "conv2.weight").Values;
        for (var k = 0; k < channels; k++)
        for (var c = 0; c < 6; c++)
            mapping[(k * 6) + c] = c == k ? 1 : 0;
        return new ModelFile(config, scale, tensors);
    }

    /// <summary>A picture of random samples.</summary>
    public static Image Noise(int width, int height, int channels = 3, int bitDepth = 8)
    {
        var random = new SeededRandom((ulong)(width * 31 + height));
        var image = new Image(width, height, channels, bitDepth);
        foreach (ref var sample in image.Samples.AsSpan()) sample = (ushort)random.NextInt(image.MaxSample + 1);
        return image;
    }

    /// <summary>Writes such a picture and returns its path.</summary>
    public string Picture(string name, int width = 9, int height = 7, int channels = 3, int bitDepth = 8)
    {
        var path = this[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ImageFile.Write(path, Noise(width, height, channels, bitDepth));
        return path;
    }

    /// <summary>Files that no command should leave behind.</summary>
    public IEnumerable<string> Temporaries => Directory.EnumerateFiles(Folder, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
