using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary>The originals that enlargements are compared with: one file, or the pictures of a folder by their names.</summary>
internal sealed class Originals
{
    private readonly string place;
    private readonly ILookup<string, string>? byName;

    private Originals(string place)
    {
        this.place = place;
        if (Directory.Exists(place)) byName = PictureFolder.Files(place).ToLookup(f => Path.GetFileNameWithoutExtension(f)!);
    }

    public bool IsFile => byName is null;

    /// <summary>Those the option names, or null where it is not given.</summary>
    /// <exception cref="InputException">There is nothing there.</exception>
    /// <exception cref="DataException">It is a folder without pictures.</exception>
    public static Originals? Of(string? place) =>
        place is null ? null
        : File.Exists(place) || Directory.Exists(place) ? new Originals(place)
        : throw new InputException($"{place}: no such file or folder; expected originals for --reference; check the path");

    /// <summary>The original of a picture, cropped to the enlarged one as a scale that does not divide its size leaves it.</summary>
    /// <param name="enlarged">What it is compared with.</param>
    /// <exception cref="InputException">The folder has none of that name, or the file cannot be read.</exception>
    /// <exception cref="ImageException">It is another kind of picture.</exception>
    public Image Read(string input, ImageInfo enlarged, int scale)
    {
        var name = Path.GetFileNameWithoutExtension(input);
        var file = IsFile ? place : byName![name].FirstOrDefault()
            ?? throw new InputException($"{input}: no original in {place}; expected a picture named '{name}' with any extension; add it or leave out --reference");
        var original = Inputs.Read(file, path => ImageFile.Read(path));
        var (width, height) = (original.Width - enlarged.Width, original.Height - enlarged.Height);
        if (width < 0 || height < 0 || width >= scale || height >= scale || (original.Channels, original.BitDepth) != (enlarged.Channels, enlarged.BitDepth))
            throw new ImageException(file, $"an original of {Kind(original.Width, original.Height, original.Channels, original.BitDepth)}", $"{Kind(enlarged.Width, enlarged.Height, enlarged.Channels, enlarged.BitDepth)} as {input} has ×{scale}; give its original");
        return original.Cut(0, 0, enlarged.Width, enlarged.Height);

        static string Kind(int width, int height, int channels, int depth) => $"{width}×{height} pixels of {channels} channels and {depth} bit";
    }
}
