using Srcnn.Engine.Upscaling;

using var upscaler = Upscaler.Open("good");
byte[] pixels = File.ReadAllBytes("photo.rgb"); // 8-bit red, green, blue of 160×120 pixels
byte[] large = upscaler.Upscale(pixels, width: 160, height: 120);
File.WriteAllBytes("large.rgb", large); // the same of 480×360
